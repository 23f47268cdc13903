// SPDX-License-Identifier: Apache-2.0
//! Questions about a result, and answers.
//!
//! Only the worker can show the trace; whatever else is asked hashes to what it is bound to already, so anyone who has it may
//! answer, and only silence is a fault.

use crate::{
	types::{Attempt, Challenge, Check},
	Answered, Checks, Config, CurrentWindows, Demands, Error, Event, HoldReason, Pallet,
	ResultRecord, WeightInfo,
};
use alloc::vec::Vec;
use calor_primitives::{
	dispute::{Answer, Demand, Question, Shown, NODE_PATH, TRACE_PATH},
	fault::Fault,
	now,
	traits::{Assign, Lifecycle, Liquidity, Stage},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use calor_tensor::{
	commit::{tile_len, trace_root, typed_root},
	program::{TensorId, MAX_OPS},
	proof::{is_bound, Known, ProofError},
	tree::{chunk_tiles, root_by_chunk, Descent},
	Hash, Layout, TensorType, Validated,
};
use codec::Encode;
use frame_support::{
	dispatch::{DispatchResult, DispatchResultWithPostInfo, Pays, PostDispatchInfo},
	ensure,
	traits::{
		fungible::hold::Mutate as _,
		tokens::{Fortitude, Precision, Restriction},
		Get,
	},
	weights::Weight,
};
use sp_runtime::DispatchError;

/// So many open questions make the next twice as dear.
const CROWD: Balance = 4;
/// Bytes of a path that comes with tiles.
const PATH_BYTES: u32 = 20 * 32;

/// A program with what the worker is bound to.
pub(crate) struct Bound {
	pub(crate) program: Validated,
	pub(crate) known: Known,
}

impl Bound {
	/// Operations of the program, by which reading it weighs.
	pub(crate) fn ops(&self) -> u32 {
		u32::try_from(self.program.program().ops.len()).unwrap_or(u32::MAX)
	}

	/// Whether what an operation defines is an output.
	pub(crate) fn defines_output(&self, op: u16) -> bool {
		let program = self.program.program();
		let defined = program.leaves().saturating_add(op.into());
		program.outputs.iter().any(|output| usize::from(*output) == defined)
	}
}

/// Most operations of a program.
pub(crate) const MOST_OPS: u32 = MAX_OPS as u32;
/// Most hashes that a question shows.
const MOST_SHOWN: u32 = TRACE_PATH + NODE_PATH;

/// Begun KiB of so many bytes.
pub(crate) fn kib(bytes: u32) -> u32 {
	bytes.div_ceil(1 << 10)
}

fn hashes(from: &[H256]) -> Vec<Hash> {
	from.iter().map(|hash| hash.0).collect()
}

impl<T: Config> From<ProofError> for Error<T> {
	fn from(error: ProofError) -> Self {
		match error {
			ProofError::Referee(_) | ProofError::NotInOrder(_) => Self::BadProof,
			ProofError::TooLarge => Self::ProofTooLarge,
			ProofError::NoTrace(_) => Self::TraceNotShown,
			ProofError::WrongPath(_) => Self::WrongPath,
			ProofError::TileIsRight => Self::TileIsRight,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Weight of asking about a program with so many operations.
	fn demand_weight(ops: u32) -> Weight {
		T::WeightInfo::demand()
			.saturating_add(T::WeightInfo::read_program(ops))
			.saturating_add(T::WeightInfo::check_hashes(MOST_SHOWN))
	}

	/// Most weight of a question.
	pub(crate) fn most_demand() -> Weight {
		Self::demand_weight(MOST_OPS)
	}

	/// Weight of an answer about a program with so many operations.
	fn answer_weight(ops: u32, answer: &Answer) -> Weight {
		let checks = match answer {
			Answer::Hashes(hashes) => T::WeightInfo::check_hashes(hashes.len() as u32),
			Answer::Tiles { .. } => T::WeightInfo::check_bytes(kib(answer.bytes())),
		};
		T::WeightInfo::answer()
			.saturating_add(T::WeightInfo::read_program(ops))
			.saturating_add(checks)
	}

	/// Most weight of an answer.
	pub(crate) fn most_answer(answer: &Answer) -> Weight {
		Self::answer_weight(MOST_OPS, answer)
	}

	/// A result that is public and not settled, what holds since, and the height at which it settles.
	pub(crate) fn revealed(
		job: JobId,
	) -> Result<(ResultRecord, Check, Challenge, BlockNumber), Error<T>> {
		let (record, check) = Self::checked(job).map_err(|_| Error::<T>::NotRevealed)?;
		let challenge = check.challenge.clone().ok_or(Error::<T>::NotRevealed)?;
		let case = T::Jobs::case(job).ok_or(Error::<T>::NotRevealed)?;
		match case.stage {
			Stage::Revealed { settles_at } => Ok((record, check, challenge, settles_at)),
			Stage::Committed { .. } | Stage::Other => Err(Error::<T>::NotRevealed),
		}
	}

	/// The program, and everything to which its worker is bound.
	pub(crate) fn bound(
		job: JobId,
		record: &ResultRecord,
		challenge: &Challenge,
	) -> Result<Bound, Error<T>> {
		let subject = T::Jobs::subject(job).ok_or(Error::<T>::UnknownJob)?;
		let program = Validated::from_bytes(&subject.code).map_err(|_| Error::<T>::BadProgram)?;
		let outputs = record.opened.as_ref().map_or(&[][..], |(_, roots)| roots.as_slice());
		let known = Known {
			operands: hashes(&subject.operands),
			outputs: hashes(outputs),
			trace: challenge.trace.map(|root| root.0),
		};
		Ok(Bound { program, known })
	}

	/// Puts settlement off so that a step of the dispute which ends at `until` fits before it.
	pub(crate) fn wait_until(
		job: JobId,
		challenge: &Challenge,
		settles_at: BlockNumber,
		until: BlockNumber,
	) -> DispatchResult {
		ensure!(until <= challenge.cap, Error::<T>::TooLate);
		if until > settles_at {
			T::Jobs::postpone(job, until)?;
		}
		Ok(())
	}

	pub(crate) fn do_demand(
		by: AccountId,
		job: JobId,
		question: Question,
		shown: Option<Shown>,
	) -> DispatchResultWithPostInfo {
		let at = now::<T>();
		let (record, mut check, mut challenge, settles_at) = Self::revealed(job)?;
		ensure!(at < settles_at, Error::<T>::TooLate);
		let attempt: Attempt = (job, record.at);
		let asked = Demands::<T>::contains_key(attempt, question)
			|| Answered::<T>::contains_key(attempt, question);
		ensure!(!asked, Error::<T>::AlreadyAsked);
		let windows = CurrentWindows::<T>::get();
		let mut by_height = at.saturating_add(windows.answer);
		if question == Question::Trace {
			ensure!(at <= challenge.trace_until, Error::<T>::TooLate);
			by_height = by_height.saturating_add(check.computing);
		}
		let until = by_height.saturating_add(windows.prove);
		Self::wait_until(job, &challenge, settles_at, until)?;
		let bound = Self::bound(job, &record, &challenge)?;
		let (expected, bytes) = Self::expected(&bound, &question, shown)?;
		let deposit = Self::demand_deposit(bytes, challenge.open);
		ensure!(T::Liquidity::liquid(&by) >= deposit, Error::<T>::BalanceTooLow);
		T::Currency::hold(&HoldReason::Demand.into(), &by, deposit)?;
		challenge.open = challenge.open.saturating_add(1);
		check.challenge = Some(challenge);
		Checks::<T>::insert(job, check);
		let demand = Demand { by: by.clone(), expected, deposit, by_height, answered: None };
		Demands::<T>::insert(attempt, question, demand);
		let answer_by = by_height;
		Self::deposit_event(Event::Demanded { job, question, by, deposit, answer_by });
		Ok(Some(Self::demand_weight(bound.ops())).into())
	}

	/// What is held for a question with an answer of so many bytes while so many others are open, in planck.
	pub fn demand_deposit(bytes: u32, open: u32) -> Balance {
		let plain = T::DemandBase::get()
			.saturating_add(T::DemandPerByte::get().saturating_mul(bytes.into()));
		plain.saturating_mul(CROWD.saturating_add(open.into())).div_ceil(CROWD)
	}

	/// What the answer must hash to, and its most bytes.
	fn expected(
		bound: &Bound,
		question: &Question,
		shown: Option<Shown>,
	) -> Result<(H256, u32), Error<T>> {
		let no_path = || ensure_none::<T>(shown.as_ref());
		match *question {
			Question::Trace => {
				no_path()?;
				Ok((H256::zero(), bound.ops().saturating_mul(32)))
			},
			Question::Upper { op } => {
				let shown = shown.ok_or(Error::<T>::BadQuestion)?;
				ensure!(shown.node.is_none(), Error::<T>::BadQuestion);
				let (_, descent) = Self::shown_root(bound, op, &shown)?;
				Ok((shown.root, descent.upper_len().saturating_mul(32)))
			},
			Question::Lower { op, node } => {
				let shown = shown.ok_or(Error::<T>::BadQuestion)?;
				let (ty, descent) = Self::shown_root(bound, op, &shown)?;
				let len = descent.lower_len(node).ok_or(Error::<T>::BadQuestion)?;
				let (hash, path) = shown.node.ok_or(Error::<T>::BadQuestion)?;
				let tree = descent.root_of_node(node, &hash.0, &hashes(&path));
				let root = tree.map(|tree| H256(typed_root(ty, &tree)));
				ensure!(root == Some(shown.root), Error::<T>::WrongPath);
				Ok((hash, len.saturating_mul(32)))
			},
			Question::Chunk { tensor, chunk } => {
				no_path()?;
				let (ty, layout) = bound.program.tensor(tensor).ok_or(Error::<T>::BadQuestion)?;
				let root = Self::named_root(bound, tensor).ok_or(Error::<T>::BadQuestion)?;
				let (_, tiles) = chunk_tiles(layout, chunk).ok_or(Error::<T>::BadQuestion)?;
				let bytes = tiles.saturating_mul(tile_len(ty.dtype) as u32);
				Ok((root, bytes.saturating_add(PATH_BYTES)))
			},
		}
	}

	/// Type and tree of what an operation defines, if the worker is bound to the root that is shown of it.
	fn shown_root<'a>(
		bound: &'a Bound,
		op: u16,
		shown: &Shown,
	) -> Result<(&'a TensorType, Descent), Error<T>> {
		let (id, ty, layout) = defined(&bound.program, op).ok_or(Error::<T>::BadQuestion)?;
		let in_trace = hashes(&shown.in_trace);
		is_bound(&bound.program, &bound.known, id, &shown.root.0, &in_trace)?;
		Ok((ty, Descent::of(layout)))
	}

	/// The root of an input, a constant or an output.
	fn named_root(bound: &Bound, tensor: TensorId) -> Option<H256> {
		let operand = bound.known.operands.get(usize::from(tensor));
		let output = || {
			let at = bound.program.program().outputs.iter().position(|id| *id == tensor)?;
			bound.known.outputs.get(at)
		};
		operand.or_else(output).copied().map(H256)
	}

	pub(crate) fn do_answer(
		who: AccountId,
		job: JobId,
		question: Question,
		answer: Answer,
	) -> DispatchResultWithPostInfo {
		let at = now::<T>();
		let (record, mut check, mut challenge, _) = Self::revealed(job)?;
		let attempt: Attempt = (job, record.at);
		let mut demand = Demands::<T>::get(attempt, question).ok_or(Error::<T>::NotAsked)?;
		ensure!(at <= demand.by_height, Error::<T>::TooLate);
		let bound = Self::bound(job, &record, &challenge)?;
		if question == Question::Trace {
			let owner = T::Providers::owner_of(&who);
			ensure!(owner.as_ref() == Some(&check.provider), Error::<T>::NotYourAnswer);
			let root = trace_of(&bound, &answer).ok_or(Error::<T>::WrongAnswer)?;
			challenge.trace = Some(root);
		} else {
			let root = root_of_answer(&bound, &question, &answer);
			ensure!(root == Some(demand.expected), Error::<T>::WrongAnswer);
		}
		challenge.open = challenge.open.saturating_sub(1);
		check.challenge = Some(challenge);
		Checks::<T>::insert(job, check);
		Self::pay_deposit(&demand, &who)?;
		let deposit = demand.deposit;
		demand.answered = Some(at);
		Demands::<T>::remove(attempt, question);
		Answered::<T>::insert(attempt, question, demand);
		Self::deposit_event(Event::QuestionAnswered { job, question, by: who, deposit });
		let weight = Self::answer_weight(bound.ops(), &answer);
		Ok(PostDispatchInfo { actual_weight: Some(weight), pays_fee: Pays::No })
	}

	/// Pays who answered. What they cannot take goes back: it must not keep an answer from counting.
	fn pay_deposit(demand: &Demand, to: &AccountId) -> Result<(), DispatchError> {
		let reason = HoldReason::Demand.into();
		let paid = *to != demand.by
			&& T::Currency::transfer_on_hold(
				&reason,
				&demand.by,
				to,
				demand.deposit,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Force,
			)
			.is_ok();
		if !paid {
			T::Currency::release(&reason, &demand.by, demand.deposit, Precision::Exact)?;
		}
		Ok(())
	}

	pub(crate) fn do_report_silence(job: JobId, question: Question) -> DispatchResult {
		let at = now::<T>();
		let (record, _, _, settles_at) = Self::revealed(job)?;
		let attempt = (job, record.at);
		let demand = Demands::<T>::get(attempt, question).ok_or(Error::<T>::NotAsked)?;
		ensure!(at > demand.by_height, Error::<T>::TooEarly);
		let fault = Self::fault_of(attempt, &question);
		// A worker that is about to be convicted of worse must not get away with less by its own question.
		ensure!(fault.jails() || at >= settles_at, Error::<T>::TooEarly);
		let evidence = Self::evidence_of(attempt, &question);
		T::Jobs::convict(job, fault, Some(&demand.by), evidence)
	}

	/// What it is to leave a question without an answer.
	pub(crate) fn fault_of((job, _): Attempt, question: &Question) -> Fault {
		let Question::Chunk { tensor, .. } = question else { return Fault::TraceWithheld };
		let operands = T::Jobs::subject(job).map_or(0, |subject| subject.operands.len());
		if usize::from(*tensor) < operands {
			Fault::InputWithheld
		} else {
			Fault::OutputWithheld
		}
	}

	/// The hash by which a question is known.
	pub(crate) fn evidence_of(attempt: Attempt, question: &Question) -> H256 {
		H256((attempt, question).using_encoded(sp_io::hashing::blake2_256))
	}
}

fn ensure_none<T: Config>(shown: Option<&Shown>) -> Result<(), Error<T>> {
	ensure!(shown.is_none(), Error::<T>::BadQuestion);
	Ok(())
}

/// What an operation defines.
fn defined(program: &Validated, op: u16) -> Option<(TensorId, &TensorType, &Layout)> {
	program.program().ops.get(usize::from(op))?;
	let id = program.program().leaves().checked_add(usize::from(op))?;
	let id = TensorId::try_from(id).ok()?;
	program.tensor(id).map(|(ty, layout)| (id, ty, layout))
}

/// The root over an answer to [`Question::Trace`], if it has a root for each operation, those of outputs as revealed.
fn trace_of(bound: &Bound, answer: &Answer) -> Option<H256> {
	let Answer::Hashes(roots) = answer else { return None };
	let program = bound.program.program();
	if roots.len() != program.ops.len() {
		return None;
	}
	let roots = hashes(roots);
	let revealed = program.outputs.iter().zip(&bound.known.outputs).all(|(id, revealed)| {
		let op = usize::from(*id).checked_sub(program.leaves());
		op.and_then(|op| roots.get(op)) == Some(revealed)
	});
	revealed.then(|| H256(trace_root(&roots)))
}

/// What an answer to any other question hashes to; `None` if its length does not fit.
fn root_of_answer(bound: &Bound, question: &Question, answer: &Answer) -> Option<H256> {
	let root = match (*question, answer) {
		(Question::Upper { op }, Answer::Hashes(below)) => {
			let (_, ty, layout) = defined(&bound.program, op)?;
			typed_root(ty, &Descent::of(layout).upper_root(&hashes(below))?)
		},
		(Question::Lower { op, node }, Answer::Hashes(below)) => {
			let (_, _, layout) = defined(&bound.program, op)?;
			Descent::of(layout).lower_root(node, &hashes(below))?
		},
		(Question::Chunk { tensor, chunk }, Answer::Tiles { bytes, siblings }) => {
			let (ty, layout) = bound.program.tensor(tensor)?;
			root_by_chunk(ty, layout, chunk, bytes, &hashes(siblings))?
		},
		_ => return None,
	};
	Some(H256(root))
}
