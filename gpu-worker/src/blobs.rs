// SPDX-License-Identifier: Apache-2.0
//! Blobs by content: kept under their tensor root.
//!
//! Nothing enters the store that does not have the root it is named by, so what is in it can be used without checking.

use calor_blobs::{Fault, FetchError, Fetcher};
use calor_client::types::{tensor_type, uris, InputFault, TensorRef};
use calor_tensor::TensorType;
use object_store::{local::LocalFileSystem, path::Path as Key, ObjectStoreExt};
use std::{
	collections::BTreeSet,
	path::{Path, PathBuf},
	time::Duration,
};

/// Why a blob cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
	/// The client's fault: what to tell the chain, and why.
	#[error("{why}")]
	Input {
		/// For the chain.
		fault: InputFault,
		/// For people.
		why: String,
	},
	/// Our fault: nothing may be said against the client.
	#[error("the blob store failed: {0}")]
	Store(String),
}

impl From<object_store::Error> for BlobError {
	fn from(error: object_store::Error) -> Self {
		Self::Store(error.to_string())
	}
}

/// Fetches and keeps blobs.
pub struct Blobs {
	dir: PathBuf,
	store: LocalFileSystem,
	fetcher: Fetcher,
}

impl Blobs {
	/// Opens the store in a directory, or makes it.
	///
	/// # Errors
	/// If the directory cannot be used.
	pub fn open(dir: &Path, allow_private: bool) -> anyhow::Result<Self> {
		std::fs::create_dir_all(dir)?;
		let store = LocalFileSystem::new_with_prefix(dir)?.with_fsync(true);
		let fetcher = Fetcher::new(allow_private).map_err(anyhow::Error::msg)?;
		Ok(Self { dir: dir.canonicalize()?, store, fetcher })
	}

	/// Where the blob with that root lies.
	pub fn path(&self, root: &[u8; 32]) -> PathBuf {
		self.dir.join(hex::encode(root))
	}

	/// Whether the blob is there.
	pub async fn has(&self, root: &[u8; 32]) -> bool {
		self.store.head(&key(root)).await.is_ok()
	}

	/// A blob.
	///
	/// # Errors
	/// If it cannot be read.
	pub async fn get(&self, root: &[u8; 32]) -> Result<Option<Vec<u8>>, BlobError> {
		match self.store.get(&key(root)).await {
			Ok(found) => Ok(Some(found.bytes().await?.into())),
			Err(object_store::Error::NotFound { .. }) => Ok(None),
			Err(error) => Err(error.into()),
		}
	}

	/// Keeps a blob that has that root.
	///
	/// # Errors
	/// If it cannot be written.
	pub async fn put(&self, root: &[u8; 32], bytes: Vec<u8>) -> Result<(), BlobError> {
		self.store.put(&key(root), bytes.into()).await?;
		Ok(())
	}

	/// Deletes all blobs but those in `needed` and those younger than `grace`.
	///
	/// # Errors
	/// If the directory cannot be read or a blob not be deleted.
	pub fn sweep(&self, needed: &BTreeSet<[u8; 32]>, grace: Duration) -> std::io::Result<()> {
		let needed: BTreeSet<String> = needed.iter().map(hex::encode).collect();
		for file in std::fs::read_dir(&self.dir)? {
			let file = file?;
			let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
			let name = file.file_name();
			if age >= grace && !name.to_str().is_some_and(|name| needed.contains(name)) {
				std::fs::remove_file(file.path())?;
			}
		}
		Ok(())
	}

	/// Makes sure that a tensor's blob is in the store, fetching it if need be.
	///
	/// # Errors
	/// What was wrong at all of its addresses; the fault that says most if they differ.
	pub async fn ensure(&self, tensor: &TensorRef) -> Result<PathBuf, BlobError> {
		self.ensure_from(&tensor_type(tensor), tensor.root.0, &uris(tensor)).await
	}

	/// As [`Self::ensure`], from other addresses than the tensor's own.
	///
	/// # Errors
	/// As [`Self::ensure`].
	pub async fn ensure_from(
		&self,
		ty: &TensorType,
		root: [u8; 32],
		uris: &[String],
	) -> Result<PathBuf, BlobError> {
		if !self.has(&root).await {
			let found = self.fetcher.find(ty, root, uris).await;
			let bytes = found.map_err(|FetchError { fault, why }| {
				let fault = match fault {
					Fault::Missing => InputFault::Missing,
					Fault::WrongSize => InputFault::WrongSize,
					Fault::WrongRoot => InputFault::WrongRoot,
				};
				BlobError::Input { fault, why }
			})?;
			self.put(&root, bytes).await?;
		}
		Ok(self.path(&root))
	}
}

fn key(root: &[u8; 32]) -> Key {
	Key::from(hex::encode(root))
}

#[cfg(test)]
#[path = "blobs_tests.rs"]
mod tests;
