// SPDX-License-Identifier: Apache-2.0
//! What can happen. All numbers are small and taken modulo what there is, so that sequences shrink well.

use calor_primitives::{job::HardwareClass, Balance, BlockNumber};
use pallet_stake::Role;
use proptest::{collection::vec, option, prelude::*, sample::select};

/// A sequence.
#[derive(Clone, Debug)]
pub struct Case {
	/// The providers at the beginning.
	pub opening: [Option<Start>; 4],
	/// The windows of jobs and of providers.
	pub windows: [u8; 2],
	/// What happens then.
	pub steps: Vec<Step>,
}

/// A provider that bonds, registers and is ready before all else.
#[derive(Clone, Copy, Debug)]
pub struct Start {
	pub class: HardwareClass,
	/// In CAL.
	pub bond: Balance,
	/// Whether it has disclosed: if not, it gets no jobs after a while.
	pub filed: bool,
}

/// A wish of a client.
#[derive(Clone, Debug)]
pub struct Ask {
	pub program: u8,
	pub class: HardwareClass,
	/// For each input the job whose output it is. In a batch those below 4 are places in it.
	pub parents: [Option<u8>; 2],
	/// Whether it starts when its parents have revealed.
	pub early: bool,
	pub tip: Balance,
	pub risk: Balance,
	/// Whether the client would pay nothing.
	pub stingy: bool,
	/// Blocks beyond the least time for delivery.
	pub slack: i16,
	/// How often it runs at once, if more than once.
	pub replicas: u8,
	pub reference: Option<u8>,
}

/// How a reveal is made.
#[derive(Clone, Copy, Debug)]
pub enum Show {
	Right,
	WrongSalt,
	WrongRoots,
	TooManyRoots,
}

/// How much.
#[derive(Clone, Copy, Debug)]
pub enum Amount {
	/// So many planck.
	Planck(Balance),
	/// So many CAL.
	Cal(Balance),
	/// All that there is, less so many planck.
	AllBut(Balance),
}

/// Room on idle.
#[derive(Clone, Copy, Debug)]
pub enum Idle {
	Full,
	Nothing,
	/// So many milliseconds of weight.
	Some(u16),
}

/// How far workers go with their jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Habit {
	/// They do not even accept.
	Sleeps,
	/// They accept and do not commit.
	Dawdles,
	/// They commit and do not reveal.
	Withholds,
	/// They decline all.
	Declines,
	/// They commit as late as they may.
	Lags,
	/// They do all.
	Works,
}

/// What a feeder says.
#[derive(Clone, Copy, Debug)]
pub enum Said {
	/// So many hundredths of what all was worth at the beginning.
	Sane(u8),
	/// Any pico-USD for a CAL and for a kWh.
	Wild(u128, u128),
	/// That CAL is worth nothing.
	Zero,
}

/// Who signs for a job: the worker that has it, or somebody.
#[derive(Clone, Copy, Debug)]
pub enum Signer {
	Right,
	Worker(u8, u8),
	Actor(u8),
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub enum Step {
	Submit {
		client: u8,
		ask: Ask,
	},
	Batch {
		client: u8,
		asks: Vec<Ask>,
	},
	Cancel {
		job: u8,
		by: Option<u8>,
	},
	WorkOn(u8),
	/// So many blocks in which all providers tend their machines, and all workers go about their jobs up to that stage.
	Blocks {
		n: u8,
		until: Habit,
	},
	Accept {
		job: u8,
		by: Signer,
	},
	Decline {
		job: u8,
		by: Signer,
		fault: u8,
	},
	Commit {
		job: u8,
		by: Signer,
		garbage: bool,
	},
	Reveal {
		job: u8,
		by: Signer,
		show: Show,
	},
	Expire {
		job: u8,
		by: u8,
	},
	ExpireAll,
	JobWindows {
		which: u8,
		root: bool,
	},
	ResultWindows {
		which: u8,
		root: bool,
	},
	StakeWindows {
		which: u8,
		root: bool,
	},
	ProviderWindows {
		which: u8,
		root: bool,
	},
	DisclosureWindows {
		which: u8,
		root: bool,
	},
	Bond {
		who: u8,
		role: Role,
		amount: Amount,
	},
	BondMore {
		who: u8,
		role: Role,
		amount: Amount,
	},
	Unbond {
		who: u8,
		role: Role,
		amount: Amount,
	},
	Withdraw {
		who: u8,
		role: Role,
	},
	ApplySlash {
		slash: u8,
		by: u8,
	},
	CancelSlash {
		slash: u8,
		root: bool,
	},
	AppealSlash {
		slash: u8,
		by: Option<u8>,
	},
	Forfeit {
		who: u8,
		role: Role,
		fault: u8,
		prover: Option<u8>,
	},
	/// All stake is forfeited of whoever has that job.
	ForfeitBehind {
		job: u8,
		prover: Option<u8>,
	},
	Register {
		who: u8,
		key: u8,
		class: HardwareClass,
		min_price: Balance,
	},
	Update {
		who: u8,
		worker: bool,
		min_price: Balance,
		memory: Option<u32>,
	},
	SetReady {
		who: u8,
		worker: bool,
		ready: bool,
	},
	Drain {
		who: u8,
		worker: bool,
	},
	Deregister {
		who: u8,
	},
	Heartbeat {
		who: u8,
		worker: bool,
	},
	ReportSilence {
		who: u8,
		by: u8,
	},
	RotateWorker {
		who: u8,
		key: u8,
		proof_of: u8,
	},
	File {
		who: u8,
	},
	WithdrawFiling {
		who: u8,
	},
	ReportFalse {
		group: u8,
		named: Vec<u8>,
		root: bool,
	},
	SetGroup {
		member: u8,
		head: u8,
	},
	SetPrice {
		class: HardwareClass,
		per_cu: Balance,
		root: bool,
	},
	Prove {
		who: u8,
		mac: u64,
	},
	BuyCredits {
		who: u8,
		amount: Amount,
	},
	/// All that is old enough, or so much.
	RefundCredits {
		who: u8,
		amount: Option<Amount>,
	},
	Claim {
		who: u8,
	},
	/// Somebody claims for others, of epochs so many before the one under way.
	ClaimFor {
		by: u8,
		claims: Vec<(u8, u8)>,
	},
	/// The feeder says something, or somebody who is none.
	Feed {
		by: Option<u8>,
		said: Said,
	},
	/// Somebody has made this block.
	Author {
		who: u8,
	},
	/// The clock goes on by so many milliseconds without a block.
	ClockJump(u64),
	MoneyWindows {
		which: u8,
		root: bool,
	},
	MarketRules {
		which: u8,
		root: bool,
	},
	Transfer {
		from: u8,
		to: u8,
		amount: Amount,
	},
	RegisterProgram {
		who: u8,
		which: u8,
	},
	RemoveProgram {
		who: u8,
		which: u8,
	},
	IdleBlocks {
		n: u8,
		idle: Idle,
	},
	/// So many blocks that have no room for anything, and no randomness either.
	Jump(BlockNumber),
}

const UNIT: Balance = calor_primitives::money::UNIT;

fn class() -> impl Strategy<Value = HardwareClass> {
	prop_oneof![
		12 => Just(HardwareClass::General),
		3 => Just(HardwareClass::Tensor),
		1 => Just(HardwareClass::HighMemory),
	]
}

fn role() -> impl Strategy<Value = Role> {
	prop_oneof![5 => Just(Role::Provider), 1 => Just(Role::Validator)]
}

fn amount() -> impl Strategy<Value = Amount> {
	prop_oneof![
		4 => select(vec![1, 99, 100, 150, 900, 1_000, 5_000]).prop_map(Amount::Cal),
		1 => select(vec![0, 1, UNIT / 1_000, UNIT, u128::MAX]).prop_map(Amount::Planck),
		3 => select(vec![0, 1, UNIT / 1_000 - 1, UNIT / 1_000, UNIT / 500, UNIT]).prop_map(Amount::AllBut),
	]
}

fn price() -> impl Strategy<Value = Balance> {
	prop_oneof![
		6 => Just(0),
		1 => select(vec![UNIT / 200, UNIT / 10, 10 * UNIT, u128::MAX]),
	]
}

fn parent() -> impl Strategy<Value = Option<u8>> {
	prop_oneof![2 => Just(None), 1 => (0u8..6).prop_map(Some)]
}

fn ask() -> impl Strategy<Value = Ask> {
	let money = |dear: Vec<Balance>| prop_oneof![4 => Just(0), 2 => select(dear)];
	(
		prop_oneof![5 => Just(0u8), 3 => Just(1), 1 => Just(2)],
		class(),
		[parent(), parent()],
		any::<bool>(),
		money(vec![1, UNIT / 100, UNIT / 2, UNIT, 50 * UNIT, u128::MAX]),
		money(vec![1, UNIT, 5 * UNIT, 30 * UNIT, 60 * UNIT, u128::MAX]),
		prop_oneof![20 => Just(false), 1 => Just(true)],
		prop_oneof![10 => 0i16..20, 1 => select(vec![-1, 2_000])],
		prop_oneof![6 => Just(0u8), 2 => Just(2), 1 => select(vec![1, 3, 5, 6])],
		option::weighted(0.15, 0u8..4),
	)
		.prop_map(
			|(program, class, parents, early, tip, risk, stingy, slack, replicas, reference)| Ask {
				program,
				class,
				parents,
				early,
				tip,
				risk,
				stingy,
				slack,
				replicas,
				reference,
			},
		)
}

fn signer() -> impl Strategy<Value = Signer> {
	prop_oneof![
		8 => Just(Signer::Right),
		1 => (0u8..4, 0u8..3).prop_map(|(who, key)| Signer::Worker(who, key)),
		1 => (0u8..6).prop_map(Signer::Actor),
	]
}

/// The newest jobs more often than others, and sometimes one that does not exist.
fn job() -> impl Strategy<Value = u8> {
	prop_oneof![20 => 0u8..4, 10 => 0u8..16, 1 => Just(u8::MAX)]
}

fn idle() -> impl Strategy<Value = Idle> {
	prop_oneof![
		5 => Just(Idle::Full),
		2 => Just(Idle::Nothing),
		3 => (0u16..30).prop_map(Idle::Some),
	]
}

fn habit() -> impl Strategy<Value = Habit> {
	prop_oneof![
		8 => Just(Habit::Works),
		1 => Just(Habit::Sleeps),
		1 => Just(Habit::Dawdles),
		2 => Just(Habit::Withholds),
		1 => Just(Habit::Declines),
		2 => Just(Habit::Lags),
	]
}

fn provider() -> impl Strategy<Value = u8> {
	0u8..4
}

fn actor() -> impl Strategy<Value = u8> {
	0u8..6
}

/// Governance, and now and then somebody who would like to be it.
fn root() -> impl Strategy<Value = bool> {
	prop_oneof![6 => Just(true), 1 => Just(false)]
}

fn work() -> impl Strategy<Value = Step> {
	prop_oneof![
		12 => (0u8..4, ask()).prop_map(|(client, ask)| Step::Submit { client, ask }),
		2 => (0u8..4, vec(ask(), 0..5)).prop_map(|(client, asks)| Step::Batch { client, asks }),
		8 => job().prop_map(Step::WorkOn),
		8 => (1u8..8, habit()).prop_map(|(n, until)| Step::Blocks { n, until }),
		3 => (10u8..50, habit()).prop_map(|(n, until)| Step::Blocks { n, until }),
		6 => (1u8..6, idle()).prop_map(|(n, idle)| Step::IdleBlocks { n, idle }),
		1 => prop_oneof![3 => 5u32..40, 1 => 100u32..400].prop_map(Step::Jump),
	]
}

fn on_jobs() -> impl Strategy<Value = Step> {
	prop_oneof![
		2 => (job(), option::weighted(0.3, actor())).prop_map(|(job, by)| Step::Cancel { job, by }),
		2 => (job(), signer()).prop_map(|(job, by)| Step::Accept { job, by }),
		2 => (job(), signer(), 0u8..3).prop_map(|(job, by, fault)| Step::Decline { job, by, fault }),
		2 => (job(), signer(), any::<bool>())
			.prop_map(|(job, by, garbage)| Step::Commit { job, by, garbage }),
		2 => (
			job(),
			signer(),
			prop_oneof![
				3 => Just(Show::Right),
				1 => Just(Show::WrongSalt),
				1 => Just(Show::WrongRoots),
				1 => Just(Show::TooManyRoots),
			],
		)
			.prop_map(|(job, by, show)| Step::Reveal { job, by, show }),
		2 => (job(), actor()).prop_map(|(job, by)| Step::Expire { job, by }),
		1 => Just(Step::ExpireAll),
		1 => (job(), option::of(actor())).prop_map(|(job, prover)| Step::ForfeitBehind { job, prover }),
	]
}

fn on_stake() -> impl Strategy<Value = Step> {
	prop_oneof![
		(actor(), role(), amount()).prop_map(|(who, role, amount)| Step::Bond {
			who,
			role,
			amount
		}),
		(actor(), role(), amount()).prop_map(|(who, role, amount)| Step::BondMore {
			who,
			role,
			amount
		}),
		(actor(), role(), amount()).prop_map(|(who, role, amount)| Step::Unbond {
			who,
			role,
			amount
		}),
		(actor(), role()).prop_map(|(who, role)| Step::Withdraw { who, role }),
		(0u8..4, actor()).prop_map(|(slash, by)| Step::ApplySlash { slash, by }),
		(0u8..4, root()).prop_map(|(slash, root)| Step::CancelSlash { slash, root }),
		(0u8..4, option::weighted(0.3, actor()))
			.prop_map(|(slash, by)| Step::AppealSlash { slash, by }),
		(actor(), role(), 0u8..4, option::of(actor()))
			.prop_map(|(who, role, fault, prover)| Step::Forfeit { who, role, fault, prover }),
	]
}

fn on_providers() -> impl Strategy<Value = Step> {
	prop_oneof![
		2 => (provider(), 0u8..3, class(), price()).prop_map(|(who, key, class, min_price)| {
			Step::Register { who, key, class, min_price }
		}),
		1 => (provider(), any::<bool>(), price(), option::of(select(vec![0, 1, 4_096])))
			.prop_map(|(who, worker, min_price, memory)| {
				Step::Update { who, worker, min_price, memory }
			}),
		6 => (provider(), any::<bool>(), prop_oneof![5 => Just(true), 1 => Just(false)])
			.prop_map(|(who, worker, ready)| Step::SetReady { who, worker, ready }),
		2 => (provider(), any::<bool>()).prop_map(|(who, worker)| Step::Drain { who, worker }),
		1 => provider().prop_map(|who| Step::Deregister { who }),
		2 => (provider(), any::<bool>()).prop_map(|(who, worker)| Step::Heartbeat { who, worker }),
		1 => (provider(), actor()).prop_map(|(who, by)| Step::ReportSilence { who, by }),
		4 => (provider(), proven()).prop_map(|(who, mac)| Step::Prove { who, mac }),
		1 => (provider(), 0u8..3, prop_oneof![4 => Just(None), 1 => provider().prop_map(Some)])
			.prop_map(|(who, key, other)| Step::RotateWorker {
				who,
				key,
				proof_of: other.unwrap_or(who),
			}),
	]
}

/// Up to what is claimed, and beyond.
fn proven() -> impl Strategy<Value = u64> {
	prop_oneof![
		6 => select(vec![1_000_000_000_000, 500_000_000_000, 1]),
		1 => select(vec![0, 2_000_000_000_000, u64::MAX]),
	]
}

fn said() -> impl Strategy<Value = Said> {
	prop_oneof![
		6 => (80u8..120).prop_map(Said::Sane),
		2 => (worth(), worth()).prop_map(|(cal, kwh)| Said::Wild(cal, kwh)),
		1 => Just(Said::Zero),
	]
}

fn worth() -> impl Strategy<Value = u128> {
	select(vec![1, 1_000, UNIT / 10, UNIT, 1_000 * UNIT, 1_000_000 * UNIT, u128::MAX])
}

fn on_money() -> impl Strategy<Value = Step> {
	let window = || (0u8..6, root());
	prop_oneof![
		3 => (actor(), amount()).prop_map(|(who, amount)| Step::BuyCredits { who, amount }),
		3 => (actor(), option::of(amount()))
			.prop_map(|(who, amount)| Step::RefundCredits { who, amount }),
		3 => actor().prop_map(|who| Step::Claim { who }),
		2 => (actor(), vec((0u8..7, 0u8..6), 0..6))
			.prop_map(|(by, claims)| Step::ClaimFor { by, claims }),
		4 => (option::weighted(0.1, actor()), said()).prop_map(|(by, said)| Step::Feed { by, said }),
		4 => actor().prop_map(|who| Step::Author { who }),
		1 => select(vec![1, 2_000, 60_000, 3_600_000, 86_400_000, u64::MAX / 1_000_000])
			.prop_map(Step::ClockJump),
		1 => window().prop_map(|(which, root)| Step::MoneyWindows { which, root }),
		1 => window().prop_map(|(which, root)| Step::MarketRules { which, root }),
		2 => (class(), select(vec![0, 1, UNIT, 3 * UNIT, u128::MAX]), root())
			.prop_map(|(class, per_cu, root)| Step::SetPrice { class, per_cu, root }),
	]
}

fn on_the_rest() -> impl Strategy<Value = Step> {
	let window = || (0u8..6, root());
	prop_oneof![
		window().prop_map(|(which, root)| Step::JobWindows { which, root }),
		window().prop_map(|(which, root)| Step::ResultWindows { which, root }),
		window().prop_map(|(which, root)| Step::StakeWindows { which, root }),
		window().prop_map(|(which, root)| Step::ProviderWindows { which, root }),
		window().prop_map(|(which, root)| Step::DisclosureWindows { which, root }),
		actor().prop_map(|who| Step::File { who }),
		actor().prop_map(|who| Step::WithdrawFiling { who }),
		(actor(), vec(actor(), 0..3), root()).prop_map(|(group, named, root)| Step::ReportFalse {
			group,
			named,
			root
		}),
		(actor(), actor()).prop_map(|(member, head)| Step::SetGroup { member, head }),
		(actor(), 0u8..7, amount()).prop_map(|(from, to, amount)| Step::Transfer {
			from,
			to,
			amount
		}),
		(actor(), 0u8..3).prop_map(|(who, which)| Step::RegisterProgram { who, which }),
		(actor(), 0u8..3).prop_map(|(who, which)| Step::RemoveProgram { who, which }),
	]
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		24 => work(),
		7 => on_jobs(),
		3 => on_stake(),
		5 => on_providers(),
		3 => on_the_rest(),
		5 => on_money(),
	]
}

fn start() -> impl Strategy<Value = Option<Start>> {
	let class = prop_oneof![6 => Just(HardwareClass::General), 1 => Just(HardwareClass::Tensor)];
	let start = (class, select(vec![1_000, 1_000, 300, 100]), prop::bool::weighted(0.9))
		.prop_map(|(class, bond, filed)| Start { class, bond, filed });
	option::weighted(0.95, start)
}

/// Any sequence.
pub fn case() -> impl Strategy<Value = Case> {
	let opening = [start(), start(), start(), start()];
	// A sequence may shrink to one step.
	(opening, [0u8..4, 0u8..4], vec(step(), 1..120)).prop_map(|(opening, windows, steps)| Case {
		opening,
		windows,
		steps,
	})
}
