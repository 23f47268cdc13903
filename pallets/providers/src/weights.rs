// SPDX-License-Identifier: Apache-2.0
//! PLACEHOLDER until generated.
use frame_support::weights::Weight;
pub trait WeightInfo {
	fn register() -> Weight;
	fn update() -> Weight;
	fn set_ready() -> Weight;
	fn drain() -> Weight;
	fn deregister() -> Weight;
}
impl WeightInfo for () {
	fn register() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn update() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn set_ready() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn drain() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn deregister() -> Weight { Weight::from_parts(100_000_000, 0) }
}
pub type SubstrateWeight<T> = core::marker::PhantomData<T>;
impl<T> WeightInfo for SubstrateWeight<T> {
	fn register() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn update() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn set_ready() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn drain() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn deregister() -> Weight { Weight::from_parts(100_000_000, 0) }
}
