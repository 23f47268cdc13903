// SPDX-License-Identifier: Apache-2.0
//! Jobs that take the outputs of others: waiting, starting, failing together, and what is kept for whom.

use calor_mock::*;
use calor_primitives::{
	explain::Why,
	fault::Fault,
	job::{CloseReason, Input, InputFault, JobSpec, JobState, Mirrors, ParentStage},
	money::{SUBMISSION_FEE, UNIT},
	tensor_ref::Uri,
	traits::Collateral,
	JobId, H256,
};
use calor_tensor::{program::VERSION, Op, Program, TensorType};
use frame_support::{assert_noop, assert_ok, traits::OnIdle, BoundedVec};
use pallet_jobs::{Children, Error, HoldReason, WeightInfo, Woken};

/// What a job costs its client if all goes well, deposit aside.
const COST: u128 = PRICE + LEVY + SUBMISSION_FEE;

/// The sum of two inputs, each of the type of the small program's output.
fn sum() -> Program {
	Program {
		version: VERSION,
		inputs: vec![TensorType::i32(&[4, 16]); 2],
		constants: vec![],
		ops: vec![Op::AddI32 { a: 0, b: 1 }],
		outputs: vec![2],
	}
}

/// What a client would submit to run the small program on the output of another job.
fn child_of(m: &Story, parent: JobId) -> JobSpec {
	let mut spec = m.spec(&program(0));
	spec.inputs[0] = output_of(parent, 0);
	spec
}

fn child_of_earlier(m: &Story, position: u8) -> JobSpec {
	let mut spec = m.spec(&program(0));
	spec.inputs[0] = output_of_earlier(position, 0);
	spec
}

fn address(of: &str) -> Uri {
	of.as_bytes().to_vec().try_into().unwrap()
}

/// Where bob and all others serve an output.
fn served(job: JobId, index: u8) -> Uri {
	address(&format!("http://10.0.0.1:9955/outputs/{job}/{index}"))
}

fn mirrored(parent: JobId, mirrors: &[&str]) -> Input {
	let mirrors: Vec<Uri> = mirrors.iter().map(|of| address(of)).collect();
	Input::OutputOf { job: parent, index: 0, mirrors: Mirrors::try_from(mirrors).unwrap() }
}

fn submit_batch(client: &str, specs: Vec<JobSpec>) -> Vec<JobId> {
	let first = pallet_jobs::LastJob::<Runtime>::get() + 1;
	assert_ok!(Jobs::submit_batch(by(&account(client)), BoundedVec::try_from(specs).unwrap()));
	(first..=pallet_jobs::LastJob::<Runtime>::get()).collect()
}

fn is_waiting(job: JobId) -> bool {
	matches!(state(job), JobState::Waiting { .. })
}

fn is_queued(job: JobId) -> bool {
	matches!(state(job), JobState::Queued { .. })
}

fn is_settled(job: JobId) -> bool {
	matches!(state(job), JobState::Settled { .. })
}

/// Nobody stands among the children, and nobody is to be woken.
fn no_family_left() -> bool {
	Children::<Runtime>::iter_keys().next().is_none()
		&& Woken::<Runtime>::iter_keys().next().is_none()
}

#[test]
fn a_child_starts_when_its_parent_is_settled_and_knows_where_its_input_is() {
	Story::tell_long(|m| {
		m.provider("bob");
		let before = (at_hand("alice"), issuance());
		let parent = m.submit("alice");
		let child = m.submit_spec("alice", child_of(m, parent));
		assert!(is_waiting(child));
		assert_eq!(record(parent).children, 1);
		assert_eq!(Jobs::explain(child).unwrap().why, Why::ParentsOpen(vec![parent]));
		assert_eq!(held("alice", HoldReason::Escrow), 2 * (PRICE + LEVY));
		assert!(Jobs::view(child).unwrap().inputs.is_empty(), "not known yet");
		m.deliver(parent);
		advance(CHALLENGE);
		assert!(is_waiting(child), "a revealed parent is not enough");
		advance(1);
		assert!(is_settled(parent));
		assert!(!is_waiting(child));
		let inputs = Jobs::view(child).unwrap().inputs;
		assert_eq!(inputs.len(), 1);
		assert_eq!(inputs[0].root, RESULT[0]);
		assert_eq!(inputs[0].uris.to_vec(), vec![served(parent, 0)]);
		assert_eq!(m.deliver(child), "bob");
		advance(CHALLENGE + 1);
		assert!(is_settled(child));
		assert_eq!(record(parent).children, 0);
		assert_eq!(held("alice", HoldReason::Escrow), 0);
		advance(RETENTION);
		assert_eq!(at_hand("alice"), before.0 - 2 * COST);
		assert_eq!(issuance(), before.1 - 2 * (SUBMISSION_FEE + PRICE / 5));
		assert!(no_family_left());
	});
}

#[test]
fn a_child_can_start_when_its_parent_is_revealed() {
	Story::tell_long(|m| {
		m.provider("bob");
		let parent = m.submit("alice");
		let mut spec = child_of(m, parent);
		spec.start_on = ParentStage::Revealed;
		let child = m.submit_spec("alice", spec.clone());
		let patient = m.submit_spec("alice", child_of(m, parent));
		assert_eq!(record(parent).children, 2);
		m.deliver(parent);
		assert!(is_waiting(child), "its parent's children are looked at on idle");
		advance(1);
		assert!(is_queued(child) || matches!(state(child), JobState::Assigned { .. }));
		assert!(is_waiting(patient));
		let inputs = Jobs::view(child).unwrap().inputs;
		assert_eq!((inputs[0].root, inputs[0].uris[0].clone()), (RESULT[0], served(parent, 0)));
		// Whoever comes when the parent has revealed already does not wait at all.
		let late = m.submit_spec("alice", spec);
		assert!(is_queued(late));
		assert_eq!(record(parent).children, 3);
	});
}

#[test]
fn mirrors_come_before_the_provider() {
	Story::tell_long(|m| {
		m.provider("bob");
		let parent = m.submit("alice");
		let mut spec = m.spec(&program(0));
		let mirrors = ["https://a.example/1", "http://b.example/2", "https://c.example/3"];
		spec.inputs[0] = mirrored(parent, &mirrors);
		spec.start_on = ParentStage::Revealed;
		let child = m.submit_spec("alice", spec);
		m.deliver(parent);
		let uris = Jobs::view(child).unwrap().inputs[0].uris.to_vec();
		let expected: Vec<Uri> =
			mirrors.iter().map(|of| address(of)).chain([served(parent, 0)]).collect();
		assert_eq!(uris, expected);
	});
}

#[test]
fn an_endpoint_that_ends_in_a_slash_gives_a_good_address() {
	Story::tell_long(|m| {
		m.provider("bob");
		let parent = m.submit("alice");
		let mut spec = child_of(m, parent);
		spec.start_on = ParentStage::Revealed;
		let child = m.submit_spec("alice", spec);
		m.deliver(parent);
		let endpoint = b"https://bob.example/store//".to_vec().try_into().unwrap();
		assert_ok!(Providers::update(by(&worker("bob")), endpoint, 0, None));
		let uris = Jobs::view(child).unwrap().inputs[0].uris.to_vec();
		assert_eq!(uris, vec![address(&format!("https://bob.example/store/outputs/{parent}/0"))]);
	});
}

#[test]
fn the_inputs_of_a_child_stay_known_when_the_provider_of_its_parent_leaves() {
	Story::tell_long(|m| {
		m.provider("bob");
		let parent = m.submit("alice");
		let mut spec = m.spec(&program(0));
		spec.inputs[0] = mirrored(parent, &["https://mirror.example/x"]);
		let child = m.submit_spec("alice", spec);
		m.deliver(parent);
		assert_ok!(Providers::drain(by(&worker("bob"))));
		advance(CHALLENGE + 1);
		assert!(is_settled(parent));
		m.provider("carol");
		assert_eq!(m.assigned(child), "carol");
		m.accept("carol", child);
		// No job holds bob's stake, so nothing keeps him.
		assert_ok!(Providers::deregister(by(&account("bob"))));
		let inputs = Jobs::view(child).unwrap().inputs;
		assert_eq!(inputs.len(), 1, "the chain knows the root, and the client has named a mirror");
		assert_eq!(inputs[0].root, RESULT[0]);
		assert_eq!(inputs[0].uris.to_vec(), vec![address("https://mirror.example/x")]);
	});
}

#[test]
fn the_program_of_a_parent_stays_as_long_as_its_record() {
	Story::tell_long(|m| {
		m.provider("bob");
		let own = program(3);
		let id = m.register_program(&own);
		let mut spec = m.spec(&own);
		spec.deliver_within = 20;
		let parent = m.submit_spec("alice", spec);
		let child = m.submit_spec("alice", child_of(m, parent));
		m.deliver(parent);
		advance(CHALLENGE + 2);
		m.accept("bob", child);
		// No open job runs it, but more children may come, and they take the types of its outputs.
		let grace = by(&account("grace"));
		let in_use = pallet_programs::Error::<Runtime>::InUse;
		assert_noop!(Programs::remove(grace.clone(), id), in_use);
		assert_ok!(Jobs::submit(by(&account("alice")), child_of(m, parent)));
		assert_ok!(Jobs::cancel(by(&account("alice")), child + 1));
		let inputs = Jobs::view(child).unwrap().inputs;
		assert_eq!(inputs.len(), 1);
		assert_eq!(inputs[0].root, RESULT[0]);
		assert_ok!(Jobs::cancel(by(&account("alice")), child));
		advance(RETENTION + 2);
		assert!(pallet_jobs::Jobs::<Runtime>::get(parent).is_none());
		assert_ok!(Programs::remove(grace, id));
	});
}

#[test]
fn a_name_that_stands_twice_in_a_batch_is_one_job() {
	Story::tell(|m| {
		let mut spec = m.spec(&program(0));
		spec.reference = Some(H256::repeat_byte(9));
		let jobs = submit_batch("alice", vec![spec.clone(), spec, child_of_earlier(m, 1)]);
		assert_eq!(jobs.len(), 2);
		assert_eq!(record(jobs[1]).parents.to_vec(), vec![jobs[0]]);
		assert_eq!(record(jobs[0]).children, 1);
		assert_eq!(held("alice", HoldReason::Escrow), 2 * (PRICE + LEVY));
	});
}

#[test]
fn a_child_that_started_early_is_done_and_paid_whatever_becomes_of_its_parent() {
	Story::tell_long(|m| {
		m.provider("bob");
		let parent = m.submit("alice");
		let mut spec = m.spec(&program(0));
		spec.inputs[0] = mirrored(parent, &["https://mirror.example/x"]);
		spec.start_on = ParentStage::Revealed;
		let child = m.submit_spec("alice", spec);
		m.deliver(parent);
		assert_ok!(Providers::drain(by(&worker("bob"))));
		m.provider("carol");
		assert_eq!(m.assigned(child), "carol");
		m.accept("carol", child);
		// The parent closes: all stake of its provider is gone.
		let bob = account("bob");
		assert_ok!(Stake::forfeit(&bob, Fault::ForgedCapacity, None, H256::zero()));
		advance(1);
		assert_eq!(assert_closed(parent, CloseReason::ProviderForfeited), PRICE + LEVY);
		assert!(matches!(state(child), JobState::Running { .. }), "it goes on");
		let inputs = Jobs::view(child).unwrap().inputs;
		assert_eq!(inputs.len(), 1, "what it runs on was revealed and does not vanish");
		assert_eq!(inputs[0].root, RESULT[0]);
		assert!(inputs[0].uris.contains(&address("https://mirror.example/x")));
		let before = wealth("carol");
		m.commit("carol", child, &RESULT);
		advance(1);
		assert_ok!(m.reveal("carol", child, &RESULT));
		advance(CHALLENGE + 1);
		assert_eq!(wealth("carol"), before + payment(child).paid);
		assert_eq!(payment(child).paid, PRICE * 8 / 10);
	});
}

#[test]
fn a_failed_parent_closes_children_and_grandchildren_and_refunds_all() {
	Story::tell_long(|m| {
		let before = (wealth("alice"), issuance());
		let parent = m.submit("alice");
		let mut spec = child_of(m, parent);
		spec.tip = UNIT;
		let child = m.submit_spec("alice", spec.clone());
		spec.start_on = ParentStage::Revealed;
		let eager = m.submit_spec("alice", spec);
		let grandchild = m.submit_spec("alice", child_of(m, child));
		let bystander = m.submit("alice");
		let cousin = m.submit_spec("alice", child_of(m, bystander));
		assert_eq!(wealth("alice"), before.0 - 6 * SUBMISSION_FEE);
		assert_eq!(held("alice", HoldReason::Escrow), 6 * (PRICE + LEVY) + 2 * UNIT);
		assert_ok!(Jobs::cancel(by(&account("alice")), parent));
		assert!(is_waiting(child), "lazily");
		advance(1);
		let full = PRICE + LEVY;
		assert_eq!(assert_closed(child, CloseReason::ParentFailed(parent)), full + UNIT);
		assert_eq!(assert_closed(eager, CloseReason::ParentFailed(parent)), full + UNIT);
		assert_eq!(assert_closed(grandchild, CloseReason::ParentFailed(child)), full);
		assert_eq!(
			Jobs::explain(child).unwrap().why,
			Why::Closed(CloseReason::ParentFailed(parent))
		);
		assert!(is_queued(bystander) && is_waiting(cousin));
		assert_eq!(held("alice", HoldReason::Escrow), 2 * full);
		assert_eq!(wealth("alice"), before.0 - 6 * SUBMISSION_FEE);
		assert_eq!(issuance(), before.1 - 6 * SUBMISSION_FEE, "no tip was burned");
		// The bystander finds nobody, and its child goes with it.
		advance(QUEUE + 1);
		assert_eq!(assert_closed(bystander, CloseReason::NoCapacity), full);
		assert_eq!(assert_closed(cousin, CloseReason::ParentFailed(bystander)), full);
		advance(RETENTION + 1);
		assert_eq!(at_hand("alice"), before.0 - 6 * SUBMISSION_FEE);
		assert!(no_family_left());
	});
}

#[test]
fn a_diamond_is_posted_in_one_call_and_runs_in_order() {
	Story::tell_long(|m| {
		for name in ["bob", "carol"] {
			m.provider(name);
		}
		let before = at_hand("alice");
		let mut join = m.spec(&sum());
		join.inputs[0] = output_of_earlier(1, 0);
		join.inputs[1] = output_of_earlier(2, 0);
		let specs = vec![m.spec(&program(0)), child_of_earlier(m, 0), child_of_earlier(m, 0), join];
		let jobs = submit_batch("alice", specs);
		let [top, left, right, bottom] = jobs[..] else { panic!("{jobs:?}") };
		assert_eq!(record(left).parents.to_vec(), vec![top]);
		assert_eq!(record(bottom).parents.to_vec(), vec![left, right]);
		assert_eq!([top, left, right, bottom].map(|job| record(job).children), [2, 1, 1, 0]);
		assert_eq!(held("alice", HoldReason::Escrow), 4 * (PRICE + LEVY));
		m.deliver(top);
		assert!([left, right, bottom].into_iter().all(is_waiting));
		advance(CHALLENGE + 1);
		assert!(!is_waiting(left) && !is_waiting(right) && is_waiting(bottom));
		m.deliver(left);
		advance(1);
		m.deliver(right);
		advance(CHALLENGE - 1);
		assert!(is_settled(left) && !is_settled(right), "one after the other");
		assert!(is_waiting(bottom), "one of two is not enough");
		assert_eq!(Jobs::explain(bottom).unwrap().why, Why::ParentsOpen(vec![right]));
		advance(4);
		assert!(is_settled(right));
		assert!(!is_waiting(bottom));
		let inputs = Jobs::view(bottom).unwrap().inputs;
		let uris: Vec<_> = inputs.iter().map(|input| input.uris[0].clone()).collect();
		assert_eq!(uris, vec![served(left, 0), served(right, 0)]);
		m.deliver(bottom);
		advance(CHALLENGE + 1 + RETENTION);
		assert_eq!(at_hand("alice"), before - 4 * COST);
		assert!(no_family_left());
		assert!(pallet_jobs::Jobs::<Runtime>::iter_keys().next().is_none());
	});
}

#[test]
fn a_batch_is_posted_whole_or_not_at_all() {
	Story::tell(|m| {
		let alice = by(&account("alice"));
		let batch = |specs: Vec<JobSpec>| {
			Jobs::submit_batch(alice.clone(), BoundedVec::try_from(specs).unwrap())
		};
		let good = m.spec(&program(0));
		assert_noop!(batch(vec![]), Error::<Runtime>::EmptyBatch);
		let mut dear = good.clone();
		dear.max_price = PRICE - 1;
		assert_noop!(
			batch(vec![good.clone(), good.clone(), dear]),
			Error::<Runtime>::PriceAboveMax
		);
		// The third asks for more than is left after the first two.
		let mut vast = good.clone();
		vast.tip = FUNDS - UNIT / 10;
		assert_noop!(
			batch(vec![good.clone(), good.clone(), vast]),
			Error::<Runtime>::BalanceTooLow
		);
		let own = vec![good.clone(), child_of_earlier(m, 1)];
		assert_noop!(batch(own), Error::<Runtime>::NotEarlier);
		let later = vec![good.clone(), child_of_earlier(m, 2), good.clone()];
		assert_noop!(batch(later), Error::<Runtime>::NotEarlier);
		let nowhere = vec![good.clone(), child_of_earlier(m, 255)];
		assert_noop!(batch(nowhere), Error::<Runtime>::NotEarlier);
		assert_noop!(
			Jobs::submit(alice.clone(), child_of_earlier(m, 0)),
			Error::<Runtime>::NotEarlier
		);
		let mut beyond = child_of_earlier(m, 0);
		beyond.inputs[0] = output_of_earlier(0, 1);
		assert_noop!(batch(vec![good.clone(), beyond]), Error::<Runtime>::NoSuchOutput);
		// Twenty find room in the queue; the twenty-first does not, and none of its batch is posted.
		submit_batch("alice", vec![good.clone(); 16]);
		assert_noop!(batch(vec![good.clone(); 5]), Error::<Runtime>::QueueFull);
		submit_batch("alice", vec![good; 4]);
	});
}

#[test]
fn a_batch_that_is_sent_again_does_nothing() {
	Story::tell_long(|m| {
		m.provider("bob");
		let named = |mut spec: JobSpec, name: u8| {
			spec.reference = Some(H256::repeat_byte(name));
			spec
		};
		let mut join = m.spec(&sum());
		join.inputs[0] = output_of_earlier(0, 0);
		join.inputs[1] = output_of_earlier(1, 0);
		let specs =
			vec![named(m.spec(&program(0)), 1), named(child_of_earlier(m, 0), 2), named(join, 3)];
		let jobs = submit_batch("alice", specs.clone());
		assert_eq!(jobs.len(), 3);
		let before = (at_hand("alice"), record(jobs[0]), record(jobs[1]), record(jobs[2]));
		assert!(submit_batch("alice", specs.clone()).is_empty());
		let now = (at_hand("alice"), record(jobs[0]), record(jobs[1]), record(jobs[2]));
		assert_eq!(now, before);
		// Half of it has run; the rest of the batch still finds it by name, and so does one more job.
		m.deliver(jobs[0]);
		advance(CHALLENGE + 1);
		let held_before = held("alice", HoldReason::Escrow);
		let more = named(child_of_earlier(m, 1), 4);
		let new = submit_batch("alice", [specs, vec![more]].concat());
		assert_eq!(new.len(), 1);
		assert_eq!(record(new[0]).parents.to_vec(), vec![jobs[1]]);
		assert_eq!(held("alice", HoldReason::Escrow), held_before + PRICE + LEVY);
	});
}

#[test]
fn a_waiting_child_can_be_cancelled() {
	Story::tell_long(|m| {
		let before = wealth("alice");
		let parent = m.submit("alice");
		let child = m.submit_spec("alice", child_of(m, parent));
		let grandchild = m.submit_spec("alice", child_of(m, child));
		let stranger = Jobs::cancel(by(&account("carol")), child);
		assert_noop!(stranger, Error::<Runtime>::NotClient);
		assert_ok!(Jobs::cancel(by(&account("alice")), child));
		assert_eq!(assert_closed(child, CloseReason::Cancelled), PRICE + LEVY);
		assert_eq!(record(parent).children, 0);
		assert_noop!(Jobs::cancel(by(&account("alice")), child), Error::<Runtime>::WrongState);
		advance(1);
		assert_closed(grandchild, CloseReason::ParentFailed(child));
		assert!(is_queued(parent), "a parent does not mind");
		assert_eq!(held("alice", HoldReason::Escrow), PRICE + LEVY);
		assert_eq!(wealth("alice"), before - 3 * SUBMISSION_FEE);
		assert!(no_family_left());
	});
}

#[test]
fn a_parents_record_is_kept_as_long_as_a_child_is_open() {
	Story::tell_long(|m| {
		m.provider("bob");
		let parent = m.submit("alice");
		let mut spec = child_of(m, parent);
		spec.deliver_within = 200;
		let child = m.submit_spec("alice", spec);
		let deposits = record(parent).deposit + record(child).deposit;
		m.deliver(parent);
		advance(CHALLENGE + 1);
		assert_eq!(m.assigned(child), "bob");
		m.accept("bob", child);
		let early = Jobs::expire(by(&account("frank")), parent);
		assert_noop!(early, Error::<Runtime>::TooEarly);
		advance(2 * RETENTION);
		assert!(is_settled(parent), "its outputs are needed");
		assert_eq!(record(parent).alarm, None);
		assert_eq!(Jobs::view(child).unwrap().inputs[0].root, RESULT[0]);
		let needed = Jobs::expire(by(&account("frank")), parent);
		assert_noop!(needed, Error::<Runtime>::NeededByOthers);
		assert_eq!(held("alice", HoldReason::Deposit), deposits);
		m.commit("bob", child, &RESULT);
		advance(1);
		assert_ok!(m.reveal("bob", child, &RESULT));
		advance(CHALLENGE + 1);
		assert!(is_settled(child));
		// Now at once, in the next block, while the child's own record is kept.
		advance(1);
		assert!(pallet_jobs::Jobs::<Runtime>::get(parent).is_none());
		assert_eq!(held("alice", HoldReason::Deposit), record(child).deposit);
		let gone = Jobs::submit(by(&account("alice")), child_of(m, parent));
		assert_noop!(gone, Error::<Runtime>::BadParent);
		advance(RETENTION);
		assert_eq!(held("alice", HoldReason::Deposit), 0);
	});
}

#[test]
fn parents_that_cannot_be_are_refused() {
	Story::tell(|m| {
		let alice = by(&account("alice"));
		let parent = m.submit("alice");
		let refuse = |spec: JobSpec, error: Error<Runtime>| {
			assert_noop!(Jobs::submit(alice.clone(), spec), error);
		};
		refuse(child_of(m, 99), Error::BadParent);
		refuse(child_of(m, parent + 1), Error::BadParent);
		let foreign = m.submit("carol");
		refuse(child_of(m, foreign), Error::BadParent);
		assert_noop!(
			Jobs::submit(by(&account("carol")), child_of(m, parent)),
			Error::<Runtime>::BadParent
		);
		let mut beyond = child_of(m, parent);
		beyond.inputs[0] = output_of(parent, 1);
		refuse(beyond, Error::NoSuchOutput);
		let mut local = child_of(m, parent);
		local.inputs[0] = mirrored(parent, &["file:///etc/passwd"]);
		refuse(local, Error::BadUri);
		// An output of another shape.
		let mut narrow = program(0);
		narrow.inputs = vec![TensorType::i32(&[4, 8])];
		narrow.constants = vec![TensorType::i32(&[8])];
		let other = m.submit_spec("alice", m.spec(&narrow));
		refuse(child_of(m, other), Error::InputType(0));
		let mut second = m.spec(&sum());
		second.inputs[0] = output_of(parent, 0);
		second.inputs[1] = output_of(other, 0);
		refuse(second, Error::InputType(1));
		assert_ok!(Jobs::cancel(alice.clone(), parent));
		refuse(child_of(m, parent), Error::BadParent);
		assert!(no_family_left());
	});
}

#[test]
fn two_inputs_from_one_parent_make_one_child() {
	Story::tell_long(|m| {
		m.provider("bob");
		let mut split = program(1);
		split.outputs = vec![2, 3];
		let parent = m.submit_spec("alice", m.spec(&split));
		let mut spec = m.spec(&sum());
		spec.inputs[0] = output_of(parent, 1);
		spec.inputs[1] = output_of(parent, 0);
		let child = m.submit_spec("alice", spec);
		assert_eq!(record(parent).children, 1);
		assert_eq!(record(child).parents.to_vec(), vec![parent]);
		m.assigned(parent);
		m.accept("bob", parent);
		let roots = [H256::repeat_byte(1), H256::repeat_byte(2)];
		m.commit("bob", parent, &roots);
		advance(1);
		assert_ok!(m.reveal("bob", parent, &roots));
		advance(CHALLENGE + 1);
		let inputs = Jobs::view(child).unwrap().inputs;
		assert_eq!(inputs.iter().map(|i| i.root).collect::<Vec<_>>(), [roots[1], roots[0]]);
		assert_eq!(inputs[0].uris[0], served(parent, 1));
		assert_ok!(Jobs::cancel(by(&account("alice")), child));
		assert_eq!(record(parent).children, 0);
		assert!(no_family_left());
	});
}

#[test]
fn a_child_waits_on_when_its_parent_is_given_to_another() {
	Story::tell_long(|m| {
		m.provider("bob");
		m.provider("carol");
		let parent = m.submit("alice");
		let child = m.submit_spec("alice", child_of(m, parent));
		// The first does not accept, the second breaks its word.
		let first = m.assigned(parent);
		advance(ACCEPT + 2);
		let second = m.assigned(parent);
		assert_ne!(first, second);
		m.accept(&second, parent);
		m.commit(&second, parent, &RESULT);
		advance(REVEAL + 3);
		assert!(is_queued(parent) && is_waiting(child));
		assert!(Jobs::view(child).unwrap().inputs.is_empty(), "what was committed is void");
		m.provider("dave");
		assert_eq!(m.deliver(parent), "dave");
		advance(CHALLENGE + 1);
		assert!(is_settled(parent) && !is_waiting(child));
		assert_eq!(Jobs::view(child).unwrap().inputs[0].root, RESULT[0]);
	});
}

#[test]
fn a_parent_that_fails_three_times_takes_its_child_along() {
	Story::tell_long(|m| {
		for name in ["bob", "carol", "dave"] {
			m.provider(name);
		}
		let before = wealth("alice");
		let parent = m.submit("alice");
		let child = m.submit_spec("alice", child_of(m, parent));
		for _ in 0..3 {
			let name = m.assigned(parent);
			assert_ok!(Jobs::decline(by(&worker(&name)), parent, InputFault::WrongSize));
		}
		let reason = CloseReason::InputUnavailable(InputFault::WrongSize);
		assert_eq!(assert_closed(parent, reason), PRICE + LEVY);
		advance(1);
		assert_eq!(assert_closed(child, CloseReason::ParentFailed(parent)), PRICE + LEVY);
		assert_eq!(wealth("alice"), before - 2 * SUBMISSION_FEE);
	});
}

#[test]
fn without_room_on_idle_nothing_is_lost_and_anyone_moves_families_on() {
	Story::tell_long(|m| {
		m.provider("bob");
		let frank = by(&account("frank"));
		let parent = m.submit("alice");
		let child = m.submit_spec("alice", child_of(m, parent));
		stall(1);
		m.accept("bob", parent);
		m.commit("bob", parent, &RESULT);
		stall(1);
		assert_ok!(m.reveal("bob", parent, &RESULT));
		assert_noop!(Jobs::expire(frank.clone(), parent), Error::<Runtime>::TooEarly);
		stall(CHALLENGE);
		assert!(matches!(state(parent), JobState::Revealed { .. }));
		let before = (wealth("bob"), wealth("frank"));
		assert_ok!(Jobs::expire(frank.clone(), parent));
		assert_eq!((wealth("bob"), wealth("frank")), (before.0 + payment(parent).paid, before.1));
		// The child looks at its parent by itself one block after that was first due.
		let JobState::Waiting { recheck } = state(child) else { panic!("{:?}", state(child)) };
		assert_eq!(recheck, 1 + QUEUE + 1);
		while System::block_number() < recheck {
			assert_noop!(Jobs::expire(frank.clone(), child), Error::<Runtime>::TooEarly);
			stall(1);
		}
		assert_ok!(Jobs::expire(frank.clone(), child));
		assert!(is_queued(child));
		stall(1);
		assert!(matches!(state(child), JobState::Assigned { .. }));
		// What was left to do on idle does no harm when it is done at last.
		advance(1);
		assert!(matches!(state(child), JobState::Assigned { .. }));
		assert!(no_family_left());
	});
}

#[test]
fn without_room_on_idle_a_waiting_child_looks_again_as_often_as_its_parent_moves() {
	Story::tell_long(|m| {
		m.provider("bob");
		let frank = by(&account("frank"));
		let mut long = m.spec(&program(0));
		long.deliver_within = 100;
		let parent = m.submit_spec("alice", long);
		let child = m.submit_spec("alice", child_of(m, parent));
		stall(1);
		m.accept("bob", parent);
		let due = state(parent).due();
		stall(QUEUE);
		assert_ok!(Jobs::expire(frank.clone(), child));
		assert_eq!(state(child), JobState::Waiting { recheck: due + 1 });
		assert_noop!(Jobs::expire(frank.clone(), child), Error::<Runtime>::TooEarly);
		let before = wealth("alice");
		assert_ok!(Jobs::cancel(by(&account("alice")), parent));
		let earned = (PRICE * 20).div_ceil(100).max(PRICE / 4);
		assert_eq!(wealth("alice"), before - earned);
		stall(due + 1 - System::block_number());
		assert_ok!(Jobs::expire(frank, child));
		assert_eq!(assert_closed(child, CloseReason::ParentFailed(parent)), PRICE + LEVY);
		advance(1);
		assert!(no_family_left());
	});
}

#[test]
fn with_little_room_on_idle_children_are_woken_one_after_the_other() {
	Story::tell_long(|m| {
		let parent = m.submit("alice");
		let children: Vec<_> =
			(0..6).map(|_| m.submit_spec("alice", child_of(m, parent))).collect();
		assert_ok!(Jobs::cancel(by(&account("alice")), parent));
		// Each look at a child needs the weight of a look, besides the look at the agenda.
		type Weights = <Runtime as pallet_jobs::Config>::WeightInfo;
		let one = Weights::wake_one();
		let still = || children.iter().filter(|job| is_waiting(**job)).count();
		let mut rounds = 0;
		while still() > 0 {
			let before = still();
			let used = Jobs::on_idle(System::block_number(), one.saturating_mul(2));
			assert!(used.all_lte(one.saturating_mul(2)));
			assert!(before - still() <= 2);
			check_invariants();
			stall(1);
			rounds += 1;
			assert!(rounds < 20, "{} still wait", still());
		}
		assert!(rounds >= 3);
		for child in children {
			assert_eq!(assert_closed(child, CloseReason::ParentFailed(parent)), PRICE + LEVY);
		}
		advance(1);
		assert!(no_family_left());
	});
}

#[test]
fn a_child_of_a_settled_parent_is_queued_at_once() {
	Story::tell_long(|m| {
		m.provider("bob");
		let parent = m.submit("alice");
		m.deliver(parent);
		advance(CHALLENGE + 1);
		let child = m.submit_spec("alice", child_of(m, parent));
		assert!(is_queued(child));
		assert_eq!(record(parent).children, 1);
		assert!(!Children::<Runtime>::contains_key((parent, ParentStage::Settled), child));
		assert_eq!(Jobs::view(child).unwrap().inputs[0].root, RESULT[0]);
		assert_eq!(m.deliver(child), "bob");
	});
}

#[test]
fn a_long_chain_runs_to_its_end() {
	Story::tell_long(|m| {
		m.provider("bob");
		let before = (at_hand("alice"), wealth("bob"));
		let mut specs = vec![m.spec(&program(0))];
		specs.extend((0..15).map(|position| child_of_earlier(m, position)));
		for spec in &mut specs {
			spec.start_on = ParentStage::Revealed;
		}
		let jobs = submit_batch("alice", specs);
		assert_eq!(jobs.len(), 16);
		assert_eq!(jobs.iter().filter(|job| is_waiting(**job)).count(), 15);
		for job in &jobs {
			assert_eq!(m.deliver(*job), "bob");
			advance(1);
		}
		advance(CHALLENGE + 1 + RETENTION + 1);
		assert!(pallet_jobs::Jobs::<Runtime>::iter_keys().next().is_none());
		assert_eq!(at_hand("alice"), before.0 - 16 * COST);
		assert_eq!(wealth("bob"), before.1 + 16 * (PRICE * 8 / 10));
		assert!(no_family_left());
	});
}
