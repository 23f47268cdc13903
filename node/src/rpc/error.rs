// SPDX-License-Identifier: Apache-2.0

//! Why a question has no answer, and what to do then.

use calor_primitives::{AccountId, EpochIndex, JobId, H256};
use jsonrpsee::types::{ErrorObject, ErrorObjectOwned};
use sp_api::ApiError;

/// Why a question has no answer. The number is the JSON-RPC error code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// 11000
	#[error(
		"the runtime could not be asked at block {at:?}: {source}. If the state of that block has been pruned, ask an \
		 archive node or leave out `at`"
	)]
	Runtime { at: H256, source: ApiError },
	/// 11001
	#[error(
		"block {0:?} is not known to this node: leave out `at` for the best block, or ask again when the node has synced"
	)]
	UnknownBlock(H256),
	/// 11002
	#[error(
		"the runtime of block {0:?} has no such API: ask at a later block, or upgrade the node if it is at the head"
	)]
	NotSupported(H256),
	/// 11003
	#[error(
		"there is no job {0} at this block: take the number from the submission's event, and wait until the transaction \
		 is in a block. The records of jobs that ended long ago have been dropped"
	)]
	UnknownJob(JobId),
	/// 11004
	#[error("there is no price now: {0}")]
	NoQuote(String),
	/// 11005
	#[error(
		"this is not the SCALE encoding of a JobSpec of this chain: {0}. polkadot.js gives it by \
		 api.createType('CalorPrimitivesJobJobSpec', spec).toHex()"
	)]
	NotAJobSpec(String),
	/// 11006
	#[error("such a job would be refused: {0}")]
	Refused(String),
	/// 11007
	#[error(
		"{0} is not a registered provider: ask for the owner's account, not for the worker key"
	)]
	UnknownProvider(AccountId),
	/// 11008
	#[error("a limit of {limit} is too much: ask for at most {most} at a time, and go on after the last that you got")]
	LimitTooHigh { limit: u32, most: u32 },
	/// 11009
	#[error(
		"nothing is known of epoch {0} at this block: it has not been closed yet, or its rewards can no longer be claimed. \
		 calor_supply says which epoch was closed last"
	)]
	UnknownEpoch(EpochIndex),
	/// 11010
	#[error(
		"there is no result of job {0} at this block: its worker has not committed to one, or its record has been dropped. 		 calor_explain({0}) says where it stands"
	)]
	NoResult(JobId),
}

impl Error {
	const fn code(&self) -> i32 {
		match self {
			Self::Runtime { .. } => 11_000,
			Self::UnknownBlock(_) => 11_001,
			Self::NotSupported(_) => 11_002,
			Self::UnknownJob(_) => 11_003,
			Self::NoQuote(_) => 11_004,
			Self::NotAJobSpec(_) => 11_005,
			Self::Refused(_) => 11_006,
			Self::UnknownProvider(_) => 11_007,
			Self::LimitTooHigh { .. } => 11_008,
			Self::UnknownEpoch(_) => 11_009,
			Self::NoResult(_) => 11_010,
		}
	}
}

impl From<Error> for ErrorObjectOwned {
	fn from(error: Error) -> Self {
		ErrorObject::owned(error.code(), error.to_string(), None::<()>)
	}
}
