// SPDX-License-Identifier: Apache-2.0
//! Tensors fetched under addresses that strangers give, and checked: exactly the bytes of their type, with the root that
//! they are named by. Shared by whoever runs programs and whoever checks results.
//!
//! Private addresses are not fetched from unless allowed, and no redirect is followed: a stranger's job has no business in
//! the network of whoever runs it.

use calor_tensor::{tensor_root, Hash, Tensor, TensorType};
use std::{
	net::{IpAddr, SocketAddr},
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

/// What was wrong with a blob at an address; the later, the more it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
	/// The address did not give it.
	Missing,
	/// It is shorter or longer than its type.
	WrongSize,
	/// It does not have the root that it was asked for by.
	WrongRoot,
}

/// Why a blob cannot be had at any of its addresses.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{why}")]
pub struct FetchError {
	/// The fault that says most if they differ.
	pub fault: Fault,
	/// For people.
	pub why: String,
}

/// Fetches blobs.
pub struct Fetcher {
	http: reqwest::Client,
	allow_private: bool,
}

impl Fetcher {
	/// A fetcher; from private addresses too if `allow_private`.
	///
	/// # Errors
	/// If this machine cannot make connections.
	pub fn new(allow_private: bool) -> Result<Self, String> {
		// A redirect could lead to where the first address may not: none is followed.
		let http = reqwest::Client::builder()
			.connect_timeout(CONNECT_TIMEOUT)
			.redirect(reqwest::redirect::Policy::none())
			.no_proxy()
			.dns_resolver(std::sync::Arc::new(Resolver { allow_private }))
			.build()
			.map_err(|e| chain_of(&e))?;
		Ok(Self { http, allow_private })
	}

	/// The blob of a tensor, from the first address that has it. What is missing everywhere is asked for again a little
	/// later.
	///
	/// # Errors
	/// What was wrong at all of its addresses.
	pub async fn find(
		&self,
		ty: &TensorType,
		root: Hash,
		uris: &[String],
	) -> Result<Vec<u8>, FetchError> {
		let mut worst = (Fault::Missing, "it has no address".to_string());
		for pause in std::iter::once(None).chain(ROUND_PAUSES.map(Some)) {
			if let Some(pause) = pause {
				tokio::time::sleep(pause).await;
			}
			for uri in uris {
				match self.fetch(uri, ty, root).await {
					Ok(bytes) => return Ok(bytes),
					Err((fault, why)) => {
						let why = format!("blob {} at {uri}: {why}", hex::encode(root));
						tracing::debug!("{why}");
						if fault >= worst.0 {
							worst = (fault, why);
						}
					},
				}
			}
			// Asking again brings other bytes only where there were none.
			if worst.0 != Fault::Missing || uris.is_empty() {
				break;
			}
		}
		Err(FetchError { fault: worst.0, why: worst.1 })
	}

	async fn fetch(
		&self,
		uri: &str,
		ty: &TensorType,
		root: [u8; 32],
	) -> Result<Vec<u8>, (Fault, String)> {
		let expected = ty.bytes();
		let limit = FETCH_TIMEOUT + Duration::from_secs(expected / LEAST_RATE);
		let bytes = match tokio::time::timeout(limit, self.download(uri, expected)).await {
			Ok(bytes) => bytes?,
			Err(_) => return Err((Fault::Missing, format!("no end within {} s", limit.as_secs()))),
		};
		let ty = ty.clone();
		let checked = tokio::task::spawn_blocking(move || {
			let tensor = Tensor::from_bytes(ty, &bytes);
			tensor.map(|tensor| (tensor_root(&tensor), bytes)).map_err(|e| e.to_string())
		});
		let (found, bytes) = checked
			.await
			.map_err(|e| (Fault::Missing, e.to_string()))?
			.map_err(|e| (Fault::WrongSize, e))?;
		if found != root {
			return Err((Fault::WrongRoot, format!("its root is {}", hex::encode(found))));
		}
		Ok(bytes)
	}

	/// Exactly `expected` bytes; the transfer ends with the first byte too many.
	async fn download(&self, uri: &str, expected: u64) -> Result<Vec<u8>, (Fault, String)> {
		let missing = |why: String| (Fault::Missing, why);
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
		let wrong = |n: u64| (Fault::WrongSize, format!("{n} bytes or more, not {expected}"));
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
			n => Err((Fault::WrongSize, format!("{n} bytes, not {expected}"))),
		}
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
mod tests {
	use super::*;

	#[test]
	fn private_addresses_are_known_as_such() {
		for ip in
			["10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1"]
		{
			assert!(is_private(ip.parse().unwrap()), "{ip}");
		}
		for ip in
			["::1", "::", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "2002:a00:1::", "64:ff9b::a00:1"]
		{
			assert!(is_private(ip.parse().unwrap()), "{ip}");
		}
		for ip in ["8.8.8.8", "1.1.1.1", "2606:4700::1111"] {
			assert!(!is_private(ip.parse().unwrap()), "{ip}");
		}
	}
}
