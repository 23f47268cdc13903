// SPDX-License-Identifier: Apache-2.0

//! What a node may ask of the runtime.
//! Nothing is worked out here: each function hands on to the pallet that knows.

use crate::{
	configs::consensus::EpochDuration, constants::consensus::BABE_GENESIS_EPOCH_CONFIG, estimates,
	presets, AccountId, Babe, Balance, Block, BurnMint, Capacity, Disclosure, Executive, Grandpa,
	Historical, InherentDataExt, Jobs, Market, Nonce, Programs, Providers, Runtime, RuntimeCall,
	RuntimeGenesisConfig, SessionKeys, Stake, System, TransactionPayment, Verification, VERSION,
};
use alloc::vec::Vec;
use calor_primitives::{
	dispute::{AuditorView, DisputeView},
	explain::{Demand, Explanation, RewardEstimate, Supply},
	group::GroupView,
	job::{HardwareClass, JobReceipt, JobSpec, JobView},
	market::MarketReport,
	provider::ProviderRecord,
	receipt::Receipts,
	runtime_api::{CapacityChallenge, CapacityView, InputTile, Quote},
	supply::{EpochReport, Purse, SupplyReport},
	traits::{Assign, Collateral, Invariants, ProgramRegistry, ProvenCapacity},
	BlockNumber, EpochIndex, JobId, ProgramId, H256,
};
use codec::Encode;
use frame_support::{
	genesis_builder_helper::{build_state, get_preset},
	view_functions::{ViewFunctionDispatchError, ViewFunctionId},
	weights::Weight,
};
use pallet_transaction_payment_rpc_runtime_api::{FeeDetails, RuntimeDispatchInfo};
use sp_api::impl_runtime_apis;
use sp_consensus_grandpa as grandpa;
use sp_core::{crypto::KeyTypeId, OpaqueMetadata};
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::{
	traits::{Block as BlockT, NumberFor},
	transaction_validity::{TransactionSource, TransactionValidity},
	ApplyExtrinsicResult, DispatchError, ExtrinsicInclusionMode,
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;

impl_runtime_apis! {
	impl sp_api::Core<Block> for Runtime {
		fn version() -> RuntimeVersion {
			VERSION
		}

		fn execute_block(block: <Block as BlockT>::LazyBlock) {
			Executive::execute_block(block);
		}

		fn initialize_block(header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
			Executive::initialize_block(header)
		}
	}

	impl sp_api::Metadata<Block> for Runtime {
		fn metadata() -> OpaqueMetadata {
			OpaqueMetadata::new(Runtime::metadata().into())
		}

		fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
			Runtime::metadata_at_version(version)
		}

		fn metadata_versions() -> Vec<u32> {
			Runtime::metadata_versions()
		}
	}

	impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
		fn execute_view_function(
			id: ViewFunctionId,
			input: Vec<u8>,
		) -> Result<Vec<u8>, ViewFunctionDispatchError> {
			Runtime::execute_view_function(id, input)
		}
	}

	impl sp_block_builder::BlockBuilder<Block> for Runtime {
		fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
			Executive::apply_extrinsic(extrinsic)
		}

		fn finalize_block() -> <Block as BlockT>::Header {
			Executive::finalize_block()
		}

		fn inherent_extrinsics(data: InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
			data.create_extrinsics()
		}

		fn check_inherents(
			block: <Block as BlockT>::LazyBlock,
			data: InherentData,
		) -> CheckInherentsResult {
			data.check_extrinsics(&block)
		}
	}

	impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
		fn validate_transaction(
			source: TransactionSource,
			tx: <Block as BlockT>::Extrinsic,
			block_hash: <Block as BlockT>::Hash,
		) -> TransactionValidity {
			Executive::validate_transaction(source, tx, block_hash)
		}
	}

	impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
		fn offchain_worker(header: &<Block as BlockT>::Header) {
			Executive::offchain_worker(header)
		}
	}

	impl sp_consensus_babe::BabeApi<Block> for Runtime {
		fn configuration() -> sp_consensus_babe::BabeConfiguration {
			let epoch = Babe::epoch_config().unwrap_or(BABE_GENESIS_EPOCH_CONFIG);
			sp_consensus_babe::BabeConfiguration {
				slot_duration: Babe::slot_duration(),
				epoch_length: EpochDuration::get(),
				c: epoch.c,
				authorities: Babe::authorities().to_vec(),
				randomness: Babe::randomness(),
				allowed_slots: epoch.allowed_slots,
			}
		}

		fn current_epoch_start() -> sp_consensus_babe::Slot {
			Babe::current_epoch_start()
		}

		fn current_epoch() -> sp_consensus_babe::Epoch {
			Babe::current_epoch()
		}

		fn next_epoch() -> sp_consensus_babe::Epoch {
			Babe::next_epoch()
		}

		fn generate_key_ownership_proof(
			_slot: sp_consensus_babe::Slot,
			authority_id: sp_consensus_babe::AuthorityId,
		) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
			prove_key_owner(sp_consensus_babe::KEY_TYPE, &authority_id)
				.map(sp_consensus_babe::OpaqueKeyOwnershipProof::new)
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			equivocation_proof: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
			key_owner_proof: sp_consensus_babe::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			Babe::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof.decode()?)
		}
	}

	impl grandpa::GrandpaApi<Block> for Runtime {
		fn grandpa_authorities() -> grandpa::AuthorityList {
			Grandpa::grandpa_authorities()
		}

		fn current_set_id() -> grandpa::SetId {
			pallet_grandpa::CurrentSetId::<Runtime>::get()
		}

		fn generate_key_ownership_proof(
			_set_id: grandpa::SetId,
			authority_id: grandpa::AuthorityId,
		) -> Option<grandpa::OpaqueKeyOwnershipProof> {
			prove_key_owner(grandpa::KEY_TYPE, &authority_id)
				.map(grandpa::OpaqueKeyOwnershipProof::new)
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			equivocation_proof: grandpa::EquivocationProof<
				<Block as BlockT>::Hash,
				NumberFor<Block>,
			>,
			key_owner_proof: grandpa::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			Grandpa::submit_unsigned_equivocation_report(
				equivocation_proof,
				key_owner_proof.decode()?,
			)
		}
	}

	impl sp_session::SessionKeys<Block> for Runtime {
		fn generate_session_keys(
			owner: Vec<u8>,
			seed: Option<Vec<u8>>,
		) -> OpaqueGeneratedSessionKeys {
			SessionKeys::generate(&owner, seed).into()
		}

		fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
			SessionKeys::decode_into_raw_public_keys(&encoded)
		}
	}

	impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
		fn account_nonce(account: AccountId) -> Nonce {
			System::account_nonce(account)
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance>
		for Runtime
	{
		fn query_info(uxt: <Block as BlockT>::Extrinsic, len: u32) -> RuntimeDispatchInfo<Balance> {
			TransactionPayment::query_info(uxt, len)
		}

		fn query_fee_details(uxt: <Block as BlockT>::Extrinsic, len: u32) -> FeeDetails<Balance> {
			TransactionPayment::query_fee_details(uxt, len)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<
		Block,
		Balance,
		RuntimeCall,
	> for Runtime
	{
		fn query_call_info(call: RuntimeCall, len: u32) -> RuntimeDispatchInfo<Balance> {
			TransactionPayment::query_call_info(call, len)
		}

		fn query_call_fee_details(call: RuntimeCall, len: u32) -> FeeDetails<Balance> {
			TransactionPayment::query_call_fee_details(call, len)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl calor_primitives::runtime_api::JobsApi<Block> for Runtime {
		fn job(id: JobId) -> Option<JobView> {
			Jobs::view(id)
		}

		fn provider_jobs(owner: AccountId) -> Vec<JobId> {
			Stake::jobs_of(&owner)
		}

		fn explain(id: JobId) -> Option<Explanation> {
			Jobs::explain(id)
		}

		fn matches(spec: JobSpec) -> Result<(Demand, Supply), Vec<u8>> {
			Jobs::matches(spec).map_err(|error| words(error).as_bytes().to_vec())
		}

		fn queues() -> Vec<(HardwareClass, u32, u32)> {
			let state = |class| (class, Jobs::queue_length(class), Providers::ready(class));
			HardwareClass::ALL.map(state).to_vec()
		}

		fn client_jobs(client: AccountId) -> Vec<JobId> {
			Jobs::client_jobs(client)
		}

		fn receipt(id: JobId) -> Option<JobReceipt> {
			Jobs::receipt(id)
		}

		fn receipts() -> Receipts {
			pallet_jobs::DroppedJobs::<Runtime>::get()
		}
	}

	impl calor_primitives::runtime_api::ProvidersApi<Block> for Runtime {
		fn provider(owner: AccountId) -> Option<ProviderRecord> {
			provider(owner)
		}

		fn owner_of(worker: AccountId) -> Option<AccountId> {
			<Providers as Assign>::owner_of(&worker)
		}

		fn providers(after: Option<AccountId>, limit: u32) -> Vec<(AccountId, ProviderRecord)> {
			let owners = Providers::page(after.as_ref(), limit).into_iter().map(|(owner, _)| owner);
			owners.filter_map(|owner| Some((owner.clone(), provider(owner)?))).collect()
		}

		fn estimate_reward(owner: AccountId) -> Option<RewardEstimate> {
			estimates::reward(owner)
		}

		fn groups() -> Vec<GroupView> {
			Disclosure::groups()
		}
	}

	impl calor_primitives::runtime_api::MarketApi<Block> for Runtime {
		fn quote(class: HardwareClass, mac: u64) -> Result<Quote, Vec<u8>> {
			estimates::quote(class, mac)
		}

		fn quote_program(class: HardwareClass, program: ProgramId) -> Result<Quote, Vec<u8>> {
			let summary = Programs::summary(&program)
				.ok_or_else(|| b"no program of that name is registered".to_vec())?;
			estimates::quote(class, summary.mac)
		}

		fn market() -> MarketReport {
			Market::report()
		}
	}

	impl calor_primitives::runtime_api::SupplyApi<Block> for Runtime {
		fn supply() -> SupplyReport {
			BurnMint::supply()
		}

		fn epoch(index: EpochIndex) -> Option<EpochReport> {
			BurnMint::epoch_report(index)
		}

		fn purse(who: AccountId) -> Purse {
			BurnMint::purse(who)
		}
	}

	impl calor_primitives::runtime_api::ProgramsApi<Block> for Runtime {
		fn check_program(code: Vec<u8>) -> Result<u64, Vec<u8>> {
			pallet_programs::evaluate::check(&code)
		}

		fn program(id: ProgramId) -> Option<Vec<u8>> {
			pallet_programs::Codes::<Runtime>::get(id).map(Into::into)
		}

		fn evaluate(code: Vec<u8>, operands: Vec<Vec<u8>>) -> Result<Vec<H256>, Vec<u8>> {
			pallet_programs::evaluate::op_roots(&code, &operands)
		}

		fn judge_tile(
			code: Vec<u8>,
			op: u16,
			tile: u32,
			inputs: Vec<(InputTile, Vec<u8>)>,
		) -> Result<H256, Vec<u8>> {
			pallet_programs::evaluate::judge_tile(&code, op, tile, &inputs)
		}
	}

	impl calor_primitives::runtime_api::VerificationApi<Block> for Runtime {
		fn dispute(job: JobId) -> Option<DisputeView> {
			Verification::dispute(job)
		}

		fn committed_at(height: BlockNumber) -> Vec<JobId> {
			Verification::committed_at(height)
		}

		fn auditor(owner: AccountId) -> Option<AuditorView> {
			Verification::auditor(owner)
		}

		fn seed(height: BlockNumber) -> Option<H256> {
			Verification::seed(height)
		}
	}

	impl calor_primitives::runtime_api::CapacityApi<Block> for Runtime {
		fn challenge(owner: AccountId) -> Option<CapacityChallenge> {
			Capacity::challenge(owner)
		}

		fn capacity_proof(job: JobId) -> Option<CapacityView> {
			Capacity::capacity_proof(job)
		}
	}

	impl calor_primitives::runtime_api::InvariantsApi<Block> for Runtime {
		fn check_invariants() -> Result<(), Vec<u8>> {
			BurnMint::check()
				.and_then(|()| Market::check())
				.and_then(|()| Programs::check())
				.and_then(|()| Stake::check())
				.and_then(|()| Providers::check())
				.and_then(|()| Jobs::check())
				.and_then(|()| Verification::check())
				.and_then(|()| Disclosure::check())
				.and_then(|()| Capacity::check())
				.map_err(|broken| broken.as_bytes().to_vec())
		}
	}

	impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
		fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
			build_state::<RuntimeGenesisConfig>(config)
		}

		fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
			get_preset::<RuntimeGenesisConfig>(id, presets::get)
		}

		fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
			presets::names()
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	impl frame_benchmarking::Benchmark<Block> for Runtime {
		fn benchmark_metadata(
			extra: bool,
		) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
			crate::benchmarks::metadata(extra)
		}

		fn dispatch_benchmark(
			config: frame_benchmarking::BenchmarkConfig,
		) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
			crate::benchmarks::dispatch(config)
		}
	}

	#[cfg(feature = "try-runtime")]
	impl frame_try_runtime::TryRuntime<Block> for Runtime {
		fn on_runtime_upgrade(checks: frame_try_runtime::UpgradeCheckSelect) -> (Weight, Weight) {
			let config = frame_executive::TryRuntimeUpgradeConfig::new(checks);
			let max_block = crate::configs::system::RuntimeBlockWeights::get().max_block;
			match Executive::try_runtime_upgrade_with_config(config) {
				Ok(weight) => (weight, max_block),
				// A trial run has to fail loudly; it never runs on a chain.
				Err(error) => panic!("runtime upgrade failed: {error:?}"),
			}
		}

		fn execute_block(
			block: <Block as BlockT>::LazyBlock,
			state_root_check: bool,
			signature_check: bool,
			select: frame_try_runtime::TryStateSelect,
		) -> Weight {
			match Executive::try_execute_block(block, state_root_check, signature_check, select) {
				Ok(weight) => weight,
				Err(error) => panic!("block failed: {error:?}"),
			}
		}
	}
}

/// A provider by its owner.
fn provider(owner: AccountId) -> Option<ProviderRecord> {
	pallet_providers::Providers::<Runtime>::get(owner)
}

/// The name of an error.
pub(crate) fn words(error: DispatchError) -> &'static str {
	match error {
		DispatchError::Module(module) => module.message.unwrap_or("unknown error of a pallet"),
		other => other.into(),
	}
}

/// Proof that `key` was `key_type`'s key of a validator of this session.
fn prove_key_owner(key_type: KeyTypeId, key: &impl AsRef<[u8]>) -> Option<Vec<u8>> {
	use frame_support::traits::KeyOwnerProofSystem;
	Historical::prove((key_type, key)).map(|proof| proof.encode())
}
