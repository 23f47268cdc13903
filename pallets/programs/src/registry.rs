// SPDX-License-Identifier: Apache-2.0
//! Registering, removing and using programs.

use crate::{Code, Codes, Config, Error, Event, Header, Headers, Pallet, ProgramRecord, Programs};
use calor_primitives::{
	tensor_ref::TypeRef,
	traits::{Invariants, ProgramRegistry, ProgramSummary},
	AccountId, ProgramId, H256,
};
use calor_tensor::{Fault, TensorType, Validated};
use codec::Encode;
use frame_support::{
	defensive,
	dispatch::DispatchResult,
	ensure,
	traits::{Consideration, Footprint},
	BoundedVec,
};
use sp_runtime::DispatchError;

impl<T: Config> From<Fault> for Error<T> {
	fn from(fault: Fault) -> Self {
		let rule = fault.rule() as u8;
		// Inputs and constants are counted before they are looked at, so their numbers fit a byte.
		match fault {
			Fault::Program(_) => Self::InvalidProgram(rule),
			Fault::Input(i, _) => Self::InvalidInput(i as u8, rule),
			Fault::Constant(i, _) => Self::InvalidConstant(i as u8, rule),
			Fault::Op(i, ..) => Self::InvalidOp(i, rule),
			Fault::Output(i, _) => Self::InvalidOutput(i as u8, rule),
		}
	}
}

fn types<'a, const N: u32>(
	types: impl Iterator<Item = &'a TensorType>,
) -> Option<BoundedVec<TypeRef, frame_support::traits::ConstU32<N>>> {
	types.map(TypeRef::try_from).collect::<Result<alloc::vec::Vec<_>, _>>().ok()?.try_into().ok()
}

/// Types and cost of a validated program; `None` cannot happen, since validation enforces the same bounds.
fn header(program: &Validated) -> Option<Header> {
	Some(Header {
		mac: program.mac(),
		memory_mib: program.memory().div_ceil(1 << 20).try_into().ok()?,
		inputs: types(program.program().inputs.iter())?,
		constants: types(program.program().constants.iter())?,
		outputs: types(program.output_types())?,
	})
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register(owner: AccountId, code: Code) -> Result<ProgramId, DispatchError> {
		// The name is the hash of exactly these bytes, so two encodings of one program would be two programs; the decoder
		// admits one only.
		let id = H256(sp_io::hashing::blake2_256(&code));
		ensure!(!Programs::<T>::contains_key(id), Error::<T>::AlreadyRegistered);
		let program = Validated::from_bytes(&code).map_err(Error::<T>::from)?;
		let header = header(&program)
			.ok_or(Error::<T>::InvalidProgram(calor_tensor::Rule::Malformed as u8))?;
		let size = code.len().saturating_add(header.encoded_size());
		let ticket = T::Consideration::new(&owner, Footprint::from_parts(1, size))?;
		let mac = header.mac;
		Headers::<T>::insert(id, header);
		Codes::<T>::insert(id, code);
		Programs::<T>::insert(id, ProgramRecord { owner: owner.clone(), ticket, users: 0 });
		Self::deposit_event(Event::Registered { program: id, owner, mac });
		Ok(id)
	}

	pub(crate) fn do_remove(who: AccountId, id: ProgramId) -> DispatchResult {
		let record = Programs::<T>::get(id).ok_or(Error::<T>::UnknownProgram)?;
		ensure!(record.owner == who, Error::<T>::NotOwner);
		ensure!(record.users == 0, Error::<T>::InUse);
		record.ticket.drop(&who)?;
		Programs::<T>::remove(id);
		Headers::<T>::remove(id);
		Codes::<T>::remove(id);
		Self::deposit_event(Event::Removed { program: id });
		Ok(())
	}
}

impl<T: Config> ProgramRegistry for Pallet<T> {
	fn summary(id: &ProgramId) -> Option<ProgramSummary> {
		let header = Headers::<T>::get(id)?;
		Some(ProgramSummary {
			mac: header.mac,
			memory_mib: header.memory_mib,
			inputs: header.inputs.into_inner(),
			constants: header.constants.into_inner(),
			outputs: header.outputs.into_inner(),
		})
	}

	fn acquire(id: &ProgramId) -> DispatchResult {
		Programs::<T>::try_mutate(id, |record| {
			let record = record.as_mut().ok_or(Error::<T>::UnknownProgram)?;
			record.users = record.users.checked_add(1).ok_or(Error::<T>::InUse)?;
			Ok(())
		})
	}

	fn release(id: &ProgramId) {
		Programs::<T>::mutate(id, |record| {
			match record.as_mut().and_then(|r| Some((r.users.checked_sub(1)?, r))) {
				Some((left, record)) => record.users = left,
				None => {
					defensive!("a program was released more often than acquired");
				},
			}
		});
	}

	fn code(id: &ProgramId) -> Option<alloc::vec::Vec<u8>> {
		Codes::<T>::get(id).map(Code::into_inner)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_register(code: alloc::vec::Vec<u8>) -> ProgramId {
		let id = H256(sp_io::hashing::blake2_256(&code));
		let program = Validated::from_bytes(&code).expect("benchmarks pass valid programs");
		let owner = frame_benchmarking::whitelisted_caller();
		T::Consideration::ensure_successful(&owner, Footprint::from_parts(1, code.len()));
		let ticket = T::Consideration::new(&owner, Footprint::from_parts(1, code.len()))
			.expect("made successful above");
		Headers::<T>::insert(id, header(&program).expect("valid"));
		Codes::<T>::insert(id, Code::truncate_from(code));
		Programs::<T>::insert(id, ProgramRecord { owner, ticket, users: 0 });
		id
	}
}

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		let mut count = 0usize;
		for id in Programs::<T>::iter_keys() {
			count = count.saturating_add(1);
			let code = Codes::<T>::get(id).ok_or("a program has no code")?;
			let header = Headers::<T>::get(id).ok_or("a program has no header")?;
			let program =
				Validated::from_bytes(&code).map_err(|_| "a stored program is invalid")?;
			ensure!(program.id() == id.0, "a program stands under another's name");
			ensure!(program.mac() == header.mac, "a header's cost is not its program's");
		}
		ensure!(Codes::<T>::iter_keys().count() == count, "code without a program");
		ensure!(Headers::<T>::iter_keys().count() == count, "a header without a program");
		Ok(())
	}
}
