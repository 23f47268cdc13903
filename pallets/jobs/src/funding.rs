// SPDX-License-Identifier: Apache-2.0
//! What a client puts down for a job, and how it gets it back.

use crate::{types::QueueState, Config, Error, HoldReason, Pallet, Queues};
use calor_primitives::{
	job::{HardwareClass, JobRecord, JobSpec},
	money::{BurnKind, Price, SUBMISSION_FEE},
	traits::{BurnLedger, Credits, Liquidity, ProgramSummary},
	AccountId, Balance, H256,
};
use codec::{Encode, MaxEncodedLen};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate as _, tokens::Precision, Get},
};

/// Jobs in a queue by which the deposit of one more rises by what it is for an empty one. Filling a queue becomes dear
/// with the square of its length, and costs the honest nothing but patience.
const CROWD: u32 = 10_000;

/// What a job costs and asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bill {
	/// For the computation.
	pub terms: Price,
	/// For audits, in planck.
	pub levy: Balance,
	/// Price, levy and tip, in planck.
	pub escrow: Balance,
	/// Lock for a premium class, in planck.
	pub access: Balance,
	/// For storage, in planck.
	pub deposit: Balance,
	/// Stake that a provider puts behind it, in planck.
	pub earmark: Balance,
}

impl<T: Config> Pallet<T> {
	/// What a job of that price comes to; `None` if a sum exceeds a balance.
	pub(crate) fn bill(spec: &JobSpec, program: &ProgramSummary, terms: Price) -> Option<Bill> {
		let price = terms.price;
		let levy = spec.assurance.levy(price)?;
		let roots = program.outputs.len().saturating_mul(H256::max_encoded_len());
		let operands = (&spec.constants, &spec.inputs).encoded_size();
		let bytes = JobRecord::max_encoded_len().saturating_add(operands).saturating_add(roots);
		Some(Bill {
			terms,
			levy,
			escrow: price.checked_add(levy)?.checked_add(spec.tip)?,
			access: Self::access_lock(spec.class),
			deposit: Self::deposit(bytes as u128, &Queues::<T>::get(spec.class))?,
			earmark: spec.assurance.earmark(price, spec.value_at_risk)?,
		})
	}

	/// Deposit for a job of so many bytes at that length of its queue, rounded up.
	fn deposit(bytes: u128, queue: &QueueState) -> Option<Balance> {
		let base =
			T::DepositBase::get().checked_add(T::DepositPerByte::get().checked_mul(bytes)?)?;
		let crowd = base.checked_mul(queue.crowd().into())?.div_ceil(CROWD.into());
		base.checked_add(crowd)
	}

	/// What is locked for each open job of that class, in planck.
	pub fn access_lock(class: HardwareClass) -> Balance {
		match class {
			HardwareClass::Tensor => T::AccessLock::get(),
			HardwareClass::General | HardwareClass::HighMemory => 0,
		}
	}

	/// What of its liquid balance a client needs for a job: the rest of the escrow's credits at their cost, and what is
	/// not paid in credits. `None` if that exceeds a balance.
	fn needed(client: &AccountId, bill: &Bill) -> Option<Balance> {
		let credits = T::Credits::shortfall(client, bill.escrow)?;
		credits.checked_add(bill.access)?.checked_add(bill.deposit)?.checked_add(SUBMISSION_FEE)
	}

	/// Spends credits on the escrow, holds what is due and burns the fee, or says that credits and balance do not suffice.
	pub(crate) fn fund(client: &AccountId, bill: &Bill) -> DispatchResult {
		let needed = Self::needed(client, bill).ok_or(Error::<T>::AmountTooLarge)?;
		ensure!(T::Liquidity::liquid(client) >= needed, Error::<T>::BalanceTooLow);
		// Leaves the escrow free, to be held before anything else can take it.
		T::Credits::spend(client, bill.escrow)?;
		T::Currency::hold(&HoldReason::Escrow.into(), client, bill.escrow)?;
		T::Currency::hold(&HoldReason::Deposit.into(), client, bill.deposit)?;
		if bill.access > 0 {
			T::Currency::hold(&HoldReason::Access.into(), client, bill.access)?;
		}
		T::Burns::burn_free(client, SUBMISSION_FEE, BurnKind::Submission)
	}

	/// Burns the tip of a job that is assigned for the first time.
	pub(crate) fn burn_tip(record: &mut JobRecord) -> DispatchResult {
		if record.tip_burned || record.tip == 0 {
			return Ok(());
		}
		record.tip_burned = true;
		let reason = HoldReason::Escrow.into();
		T::Burns::burn_held(&reason, &record.client, record.tip, BurnKind::Tip)
	}

	/// Gives back what is left of an ended job's escrow, as credits, and its lock. Were it given back as balance, credits
	/// could be refunded before their time by submitting a job and cancelling it.
	pub(crate) fn return_escrow(record: &JobRecord, left: Balance) -> DispatchResult {
		Self::give_back(HoldReason::Escrow, &record.client, left)?;
		if left > 0 {
			T::Credits::refund(&record.client, left)?;
		}
		Self::give_back(HoldReason::Access, &record.client, record.access)
	}

	/// Gives back the deposit of a job whose record is dropped.
	pub(crate) fn return_deposit(record: &JobRecord) -> DispatchResult {
		Self::give_back(HoldReason::Deposit, &record.client, record.deposit)
	}

	fn give_back(reason: HoldReason, client: &AccountId, amount: Balance) -> DispatchResult {
		if amount > 0 {
			T::Currency::release(&reason.into(), client, amount, Precision::Exact)?;
		}
		Ok(())
	}
}
