// SPDX-License-Identifier: Apache-2.0
//! PLACEHOLDER until generated.
use frame_support::weights::Weight;
pub trait WeightInfo {
	fn register(b: u32) -> Weight;
	fn remove() -> Weight;
}
impl WeightInfo for () {
	fn register(_: u32) -> Weight { Weight::from_parts(100_000_000, 0) }
	fn remove() -> Weight { Weight::from_parts(100_000_000, 0) }
}
pub type SubstrateWeight<T> = core::marker::PhantomData<T>;
impl<T> WeightInfo for SubstrateWeight<T> {
	fn register(_: u32) -> Weight { Weight::from_parts(100_000_000, 0) }
	fn remove() -> Weight { Weight::from_parts(100_000_000, 0) }
}
