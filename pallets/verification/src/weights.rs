// SPDX-License-Identifier: Apache-2.0
//! PLACEHOLDER until generated.
use frame_support::weights::Weight;
pub trait WeightInfo {
	fn commit() -> Weight;
	fn reveal() -> Weight;
	fn set_windows() -> Weight;
}
impl WeightInfo for () {
	fn commit() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn reveal() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn set_windows() -> Weight { Weight::from_parts(100_000_000, 0) }
}
pub type SubstrateWeight<T> = core::marker::PhantomData<T>;
impl<T> WeightInfo for SubstrateWeight<T> {
	fn commit() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn reveal() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn set_windows() -> Weight { Weight::from_parts(100_000_000, 0) }
}
