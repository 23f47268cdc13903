// SPDX-License-Identifier: Apache-2.0
//! PLACEHOLDER until generated.
use frame_support::weights::Weight;
pub trait WeightInfo {
	fn set_price() -> Weight;
}
impl WeightInfo for () {
	fn set_price() -> Weight { Weight::from_parts(100_000_000, 0) }
}
pub type SubstrateWeight<T> = core::marker::PhantomData<T>;
impl<T> WeightInfo for SubstrateWeight<T> {
	fn set_price() -> Weight { Weight::from_parts(100_000_000, 0) }
}
