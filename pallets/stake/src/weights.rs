// SPDX-License-Identifier: Apache-2.0
//! PLACEHOLDER until generated.
use frame_support::weights::Weight;
pub trait WeightInfo {
	fn bond() -> Weight;
	fn bond_more() -> Weight;
	fn unbond() -> Weight;
	fn withdraw() -> Weight;
}
impl WeightInfo for () {
	fn bond() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn bond_more() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn unbond() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn withdraw() -> Weight { Weight::from_parts(100_000_000, 0) }
}
pub type SubstrateWeight<T> = core::marker::PhantomData<T>;
impl<T> WeightInfo for SubstrateWeight<T> {
	fn bond() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn bond_more() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn unbond() -> Weight { Weight::from_parts(100_000_000, 0) }
	fn withdraw() -> Weight { Weight::from_parts(100_000_000, 0) }
}
