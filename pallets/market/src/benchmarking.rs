// SPDX-License-Identifier: Apache-2.0
//! Cost of each call at its worst.

use crate::{Call, Config, Pallet, PricePerCu};
use calor_primitives::job::HardwareClass;
use frame_benchmarking::v2::*;
use frame_support::traits::EnsureOrigin;

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn set_price() -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, HardwareClass::Tensor, u128::MAX);
		assert_eq!(PricePerCu::<T>::get(HardwareClass::Tensor), Some(u128::MAX));
		Ok(())
	}
}
