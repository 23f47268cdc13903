// SPDX-License-Identifier: Apache-2.0
//! Cost of each call at its worst.

use crate::{Call, Config, CurrentWindows, Pallet, Results, Windows};
use alloc::vec;
use calor_primitives::{
	commitment::commitment, genesis_hash, job::OutputRoots, now, traits::Lifecycle, H256,
};
use calor_tensor::program::MAX_OUTPUTS;
use frame_benchmarking::v2::*;
use frame_support::{assert_ok, traits::EnsureOrigin};
use frame_system::RawOrigin;

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn commit() {
		CurrentWindows::<T>::put(Windows { reveal: 10, challenge: 10 });
		let (job, worker) = T::Jobs::benchmark_running();
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), job, H256::repeat_byte(1));
		assert!(Results::<T>::contains_key(job));
	}

	#[benchmark]
	fn reveal() {
		CurrentWindows::<T>::put(Windows { reveal: 10, challenge: 10 });
		let (job, worker) = T::Jobs::benchmark_running();
		let roots = OutputRoots::truncate_from(vec![H256::repeat_byte(1); MAX_OUTPUTS]);
		let salt = [2; 32];
		let opening = commitment(&genesis_hash::<T>(), job, &worker, &salt, &roots);
		assert_ok!(Pallet::<T>::do_commit(worker.clone(), job, opening));
		frame_system::Pallet::<T>::set_block_number((now::<T>() + 1).into());
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), job, salt, roots);
		assert!(Results::<T>::get(job).is_some_and(|result| result.opened.is_some()));
	}

	#[benchmark]
	fn set_windows() -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let windows = Windows { reveal: 1, challenge: 2 };
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, windows);
		assert_eq!(CurrentWindows::<T>::get(), windows);
		Ok(())
	}
}
