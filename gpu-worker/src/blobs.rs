// SPDX-License-Identifier: Apache-2.0
//! Blobs by content: fetched under strangers' addresses, checked, and kept under their tensor root.
//!
//! Nothing enters the store that does not have the root it is named by, so what is in it can be used without checking.

use calor_client::types::{tensor_type, uris, InputFault, TensorRef};
use calor_tensor::{tensor_root, Tensor, TensorType};
use object_store::{local::LocalFileSystem, path::Path as Key, ObjectStoreExt};
use std::{
	collections::BTreeSet,
	net::{IpAddr, SocketAddr},
	path::{Path, PathBuf},
	time::Duration,
};

/// Longest wait for a connection to an address.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for a blob, besides its size.
const FETCH_TIMEOUT: Duration = Duration::from_secs(20);
/// An address must give at least so many bytes a second.
const LEAST_RATE: u64 = 1_000_000;
/// Pauses between rounds of trying all addresses before a blob is called missing. The worker of a job whose output is
/// taken may hear a moment later than we do that the output is public.
const ROUND_PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

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
	http: reqwest::Client,
	allow_private: bool,
}

impl Blobs {
	/// Opens the store in a directory, or makes it.
	///
	/// # Errors
	/// If the directory cannot be used.
	pub fn open(dir: &Path, allow_private: bool) -> anyhow::Result<Self> {
		std::fs::create_dir_all(dir)?;
		let store = LocalFileSystem::new_with_prefix(dir)?.with_fsync(true);
		// A redirect could lead to where the first address may not: none is followed.
		let http = reqwest::Client::builder()
			.connect_timeout(CONNECT_TIMEOUT)
			.redirect(reqwest::redirect::Policy::none())
			.no_proxy()
			.dns_resolver(std::sync::Arc::new(Resolver { allow_private }))
			.build()?;
		Ok(Self { dir: dir.canonicalize()?, store, http, allow_private })
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
		let root = tensor.root.0;
		if self.has(&root).await {
			return Ok(self.path(&root));
		}
		let ty = tensor_type(tensor);
		let mut worst = (InputFault::Missing, "it has no address".to_string());
		for pause in std::iter::once(None).chain(ROUND_PAUSES.map(Some)) {
			if let Some(pause) = pause {
				tokio::time::sleep(pause).await;
			}
			for uri in uris(tensor) {
				match self.fetch(&uri, &ty, root).await {
					Ok(bytes) => {
						self.put(&root, bytes).await?;
						return Ok(self.path(&root));
					},
					Err((fault, why)) => {
						let why = format!("blob {} at {uri}: {why}", hex::encode(root));
						tracing::debug!("{why}");
						if rank(&fault) >= rank(&worst.0) {
							worst = (fault, why);
						}
					},
				}
			}
			// Asking again brings other bytes only where there were none.
			if !matches!(worst.0, InputFault::Missing) {
				break;
			}
		}
		Err(BlobError::Input { fault: worst.0, why: worst.1 })
	}

	async fn fetch(
		&self,
		uri: &str,
		ty: &TensorType,
		root: [u8; 32],
	) -> Result<Vec<u8>, (InputFault, String)> {
		let expected = ty.bytes();
		let limit = FETCH_TIMEOUT + Duration::from_secs(expected / LEAST_RATE);
		let bytes = match tokio::time::timeout(limit, self.download(uri, expected)).await {
			Ok(bytes) => bytes?,
			Err(_) => {
				return Err((InputFault::Missing, format!("no end within {} s", limit.as_secs())))
			},
		};
		let ty = ty.clone();
		let checked = tokio::task::spawn_blocking(move || {
			let tensor = Tensor::from_bytes(ty, &bytes);
			tensor.map(|tensor| (tensor_root(&tensor), bytes)).map_err(|e| e.to_string())
		});
		let (found, bytes) = checked
			.await
			.map_err(|e| (InputFault::Missing, e.to_string()))?
			.map_err(|e| (InputFault::WrongSize, e))?;
		if found != root {
			return Err((InputFault::WrongRoot, format!("its root is {}", hex::encode(found))));
		}
		Ok(bytes)
	}

	/// Exactly `expected` bytes; the transfer ends with the first byte too many.
	async fn download(&self, uri: &str, expected: u64) -> Result<Vec<u8>, (InputFault, String)> {
		let missing = |why: String| (InputFault::Missing, why);
		let url = url::Url::parse(uri).map_err(|e| missing(e.to_string()))?;
		// The resolver sees names only.
		let literal = match url.host() {
			Some(url::Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
			Some(url::Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
			_ => None,
		};
		if literal.is_some_and(|ip| is_private(ip) && !self.allow_private) {
			return Err(missing("private addresses are not fetched from".into()));
		}
		let response = self.http.get(url).send().await.map_err(|e| missing(chain_of(&e)))?;
		if !response.status().is_success() {
			return Err(missing(format!("the server says {}", response.status())));
		}
		let wrong = |n: u64| (InputFault::WrongSize, format!("{n} bytes or more, not {expected}"));
		if let Some(n) = response.content_length().filter(|n| *n != expected) {
			return Err(wrong(n));
		}
		let mut response = response;
		let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
		while let Some(part) = response.chunk().await.map_err(|e| missing(chain_of(&e)))? {
			bytes.extend_from_slice(&part);
			if bytes.len() as u64 > expected {
				return Err(wrong(bytes.len() as u64));
			}
		}
		match bytes.len() as u64 {
			n if n == expected => Ok(bytes),
			n => Err((InputFault::WrongSize, format!("{n} bytes, not {expected}"))),
		}
	}
}

fn key(root: &[u8; 32]) -> Key {
	Key::from(hex::encode(root))
}

fn rank(fault: &InputFault) -> u8 {
	match fault {
		InputFault::Missing => 0,
		InputFault::WrongSize => 1,
		InputFault::WrongRoot => 2,
	}
}

/// An error with its causes, which reqwest leaves out of its own text.
fn chain_of(error: &dyn std::error::Error) -> String {
	let causes = std::iter::successors(Some(error), |e| e.source());
	causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Whether an address leads into this machine or its network, where a stranger's job has no business.
fn is_private(ip: IpAddr) -> bool {
	match ip {
		IpAddr::V4(ip) => {
			let [a, b, ..] = ip.octets();
			ip.is_private()
				|| ip.is_loopback()
				|| ip.is_link_local()
				|| ip.is_unspecified()
				|| ip.is_broadcast()
				|| ip.is_documentation()
				|| ip.is_multicast()
				|| a == 0 || a >= 240
				// Carrier-grade NAT, and benchmarks.
				|| (a == 100 && (64..128).contains(&b))
				|| (a == 198 && (18..20).contains(&b))
		},
		IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
			Some(ip) => is_private(IpAddr::V4(ip)),
			// Global unicast is 2000::/3; 2002::/16 (6to4) and 2001::/32 (Teredo) wrap IPv4 addresses.
			None => {
				let [a, b, ..] = ip.segments();
				a & 0xe000 != 0x2000 || a == 0x2002 || (a == 0x2001 && b == 0)
			},
		},
	}
}

/// Resolves names, leaving out private addresses; what it gives is what is connected to.
struct Resolver {
	allow_private: bool,
}

impl reqwest::dns::Resolve for Resolver {
	fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
		let allow_private = self.allow_private;
		Box::pin(async move {
			let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
			let public: Vec<SocketAddr> =
				found.filter(|at| allow_private || !is_private(at.ip())).collect();
			if public.is_empty() {
				return Err("no public address".into());
			}
			Ok(Box::new(public.into_iter()) as reqwest::dns::Addrs)
		})
	}
}

#[cfg(test)]
#[path = "blobs_tests.rs"]
mod tests;
