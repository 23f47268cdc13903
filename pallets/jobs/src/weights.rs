// SPDX-License-Identifier: Apache-2.0
//! PLACEHOLDER until generated.
use frame_support::weights::Weight;
pub trait WeightInfo {
	fn submit(r: u32) -> Weight;
	fn accept() -> Weight;
	fn decline() -> Weight;
	fn cancel() -> Weight;
	fn expire() -> Weight;
	fn set_windows() -> Weight;
	fn assign(n: u32) -> Weight;
	fn sweep_block() -> Weight;
}
impl WeightInfo for () {
	fn submit(_: u32) -> Weight { Weight::from_parts(100_000_000, 0) }
	fn accept() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn decline() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn cancel() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn expire() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn set_windows() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn assign(_: u32) -> Weight { Weight::from_parts(100_000_000, 0) }
	fn sweep_block() -> Weight { Weight::from_parts(100_000_000, 0) }
}
pub type SubstrateWeight<T> = core::marker::PhantomData<T>;
impl<T> WeightInfo for SubstrateWeight<T> {
	fn submit(_: u32) -> Weight { Weight::from_parts(100_000_000, 0) }
	fn accept() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn decline() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn cancel() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn expire() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn set_windows() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn assign(_: u32) -> Weight { Weight::from_parts(100_000_000, 0) }
	fn sweep_block() -> Weight { Weight::from_parts(100_000_000, 0) }
}
