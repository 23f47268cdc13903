// SPDX-License-Identifier: Apache-2.0
//! The key that signs, from a secret URI or a file that holds one. Nothing here prints a secret.

use crate::{end::Failure, KeyArgs};
use calor_client::Keypair;
use std::{os::unix::fs::PermissionsExt, str::FromStr};
use subxt_signer::SecretUri;

/// The key that options name.
///
/// # Errors
/// If none is named, the file cannot be read or others may read it, or it is no secret URI; the text is not repeated.
pub fn load(args: &KeyArgs) -> Result<Keypair, Failure> {
	let text = match (&args.suri, &args.key_file) {
		(Some(suri), _) => suri.clone(),
		(None, Some(path)) => {
			let fail = |e: &dyn std::fmt::Display| {
				Failure::Usage(format!("key file {}: {e}", path.display()))
			};
			let mode = std::fs::metadata(path).map_err(|e| fail(&e))?.permissions().mode();
			if mode & 0o077 != 0 {
				return Err(fail(&"others can read it; run chmod 600 on it"));
			}
			std::fs::read_to_string(path).map_err(|e| fail(&e))?
		},
		(None, None) => {
			return Err(Failure::Usage(
				"a key must sign: give --key-file FILE or --suri URI".into(),
			))
		},
	};
	let invalid = |e: &dyn std::fmt::Display| Failure::Usage(format!("not a secret URI: {e}"));
	let uri = SecretUri::from_str(text.trim()).map_err(|e| invalid(&e))?;
	Keypair::from_uri(&uri).map_err(|e| invalid(&e))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_key_is_asked_for_and_never_repeated() {
		assert!(load(&KeyArgs { suri: Some("//Alice".into()), key_file: None }).is_ok());
		assert_eq!(load(&KeyArgs::default()).err().unwrap().code(), 2);
		let bad = KeyArgs { suri: Some("not a phrase at all".into()), key_file: None };
		let refused = load(&bad).err().unwrap().to_string();
		assert!(!refused.contains("phrase at all"), "{refused}");
	}
}
