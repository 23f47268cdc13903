// SPDX-License-Identifier: Apache-2.0
//! Worker and owner keys: sr25519, from a secret URI or a file that holds one.
//!
//! Nothing here prints a secret; `generate` writes one to a file that only its owner can read.

use crate::error::Failure;
use anyhow::Context;
use calor_client::{lottery::Lots, Keypair};
use std::{
	io::Write,
	os::unix::fs::{OpenOptionsExt, PermissionsExt},
	path::Path,
	str::FromStr,
};
use subxt_signer::SecretUri;

/// The key of a secret URI such as `//Bob//worker`, a phrase, or `0x` and a seed.
///
/// # Errors
/// If it is none; the text is not repeated.
pub fn from_suri(suri: &str) -> Result<Keypair, Failure> {
	let invalid = |e: &dyn std::fmt::Display| Failure::Config(format!("not a secret URI: {e}"));
	let uri = SecretUri::from_str(suri.trim()).map_err(|e| invalid(&e))?;
	Keypair::from_uri(&uri).map_err(|e| invalid(&e))
}

/// The key in a file.
///
/// # Errors
/// If the file cannot be read, others may read it, or it holds no secret URI.
pub fn from_file(path: &Path) -> Result<Keypair, Failure> {
	from_suri(&read(path)?)
}

/// The secret URI in a file.
fn read(path: &Path) -> Result<String, Failure> {
	let name = path.display();
	let fail = |e: &dyn std::fmt::Display| Failure::Config(format!("key file {name}: {e}"));
	let mode = std::fs::metadata(path).map_err(|e| fail(&e))?.permissions().mode();
	if mode & 0o077 != 0 {
		return Err(fail(&"others can read it; run chmod 600 on it"));
	}
	std::fs::read_to_string(path).map_err(|e| fail(&e))
}

/// The key that either of two options names.
///
/// # Errors
/// If none or both are given, or as [`from_suri`] and [`from_file`].
pub fn load(suri: Option<&str>, file: Option<&Path>) -> Result<Keypair, Failure> {
	from_suri(&secret(suri, file)?)
}

/// The key that either of two options names, as it draws lots.
///
/// # Errors
/// As [`load`].
pub fn lots(suri: Option<&str>, file: Option<&Path>) -> Result<Lots, Failure> {
	Lots::from_suri(&secret(suri, file)?).map_err(Failure::Config)
}

/// The secret URI that either of two options names.
fn secret(suri: Option<&str>, file: Option<&Path>) -> Result<String, Failure> {
	match (suri, file) {
		(Some(suri), None) => Ok(suri.to_string()),
		(None, Some(file)) => read(file),
		(Some(_), Some(_)) => Err(Failure::Config("give --suri or --key-file, not both".into())),
		(None, None) => Err(Failure::Config(
			"no worker key: give --key-file FILE (make one with `calor-worker keys generate`)"
				.into(),
		)),
	}
}

/// Writes a fresh key to a new file that only its owner can read.
///
/// # Errors
/// If the file exists or cannot be written, or the machine has no randomness.
pub fn generate(path: &Path) -> Result<Keypair, Failure> {
	let mut seed = [0u8; 32];
	fill_random(&mut seed)?;
	let suri = format!("0x{}", hex::encode(seed));
	let key = from_suri(&suri)?;
	let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
	let mut file = file.with_context(|| format!("cannot make the key file {}", path.display()))?;
	writeln!(file, "{suri}").and_then(|()| file.sync_all()).context("cannot write the key")?;
	Ok(key)
}

/// Fills `bytes` from the machine's source of randomness.
///
/// # Errors
/// If it has none.
pub fn fill_random(bytes: &mut [u8]) -> Result<(), Failure> {
	getrandom::fill(bytes)
		.map_err(|e| Failure::Other(anyhow::anyhow!("this machine gives no randomness: {e}")))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_generated_key_is_private_and_loads_again() {
		let dir = tempfile::tempdir().unwrap();
		let path = dir.path().join("key");
		let key = generate(&path).unwrap();
		assert_eq!(from_file(&path).unwrap().public_key().0, key.public_key().0);
		assert!(generate(&path).is_err(), "an existing key is never overwritten");
		std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
		assert_eq!(from_file(&path).err().unwrap().code(), 2);
	}

	#[test]
	fn exactly_one_source_is_asked_for() {
		assert!(load(Some("//Bob//worker"), None).is_ok());
		for (suri, file) in [(None, None), (Some("//Bob"), Some(Path::new("/k")))] {
			assert_eq!(load(suri, file).err().unwrap().code(), 2);
		}
		let refused = load(Some("not a phrase at all"), None).err().unwrap().to_string();
		assert!(!refused.contains("phrase at all"), "{refused}");
	}
}
