// SPDX-License-Identifier: Apache-2.0
//! `calor verify`: right, or wrong and where; and if asked to, the dispute to its end.

use crate::{
	end::{End, Failure},
	keys, ChainArgs, KeyArgs,
};
use calor_client::{types::JobId, Chain, Submitter};
use calor_dispute::{
	withheld::{Demands, Obtained},
	Challenge, Ended, Error, Examiner, Follow, Method, Outcome, Phase, Subject, Verdict,
};
use clap::Args;
use serde_json::{json, Value};
use std::{
	path::{Path, PathBuf},
	sync::Arc,
};

/// Options of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
	/// Number of the job, or of a proof of capacity.
	pub job: JobId,
	/// The chain.
	#[command(flatten)]
	pub chain: ChainArgs,
	/// Wait until the result is revealed.
	#[arg(long)]
	pub wait: bool,
	/// If it is wrong, dispute it: ask for what was computed on the way, and prove the wrong tile to the chain. What of its
	/// operands cannot be had is demanded through the chain, and if it is right, its outputs that are not served too. Takes
	/// deposits, which come back if the worker lied.
	#[arg(long)]
	pub prove: bool,
	/// Folder to keep the tensors in that were demanded through the chain, each under its root. Another run finds the old
	/// answers and pays for none again, as long as the result is open to challenge.
	#[arg(long, value_name = "DIR", requires = "prove")]
	pub out: Option<PathBuf>,
	/// Who signs a dispute.
	#[command(flatten)]
	pub key: KeyArgs,
	/// Fetch from private addresses too. For development.
	#[arg(long, env = "CALOR_ALLOW_PRIVATE_FETCH")]
	pub allow_private_fetch: bool,
	/// Print JSON, a line for each event.
	#[arg(long)]
	pub json: bool,
}

/// Says what is found.
struct Printer {
	job: JobId,
	json: bool,
}

impl Printer {
	fn say(&self, event: &str, text: &str, fields: Value) {
		if !self.json {
			println!("job {}: {text}", self.job);
			return;
		}
		let mut line = json!({ "event": event, "job": self.job });
		if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), fields) {
			line.extend(fields);
		}
		println!("{line}");
	}

	fn unchecked(&self, why: &str) -> End {
		self.say("unchecked", &format!("cannot be checked: {why}"), json!({ "reason": why }));
		End::Unchecked
	}
}

/// Checks a result.
///
/// # Errors
/// [`Failure`].
pub async fn verify(args: VerifyArgs) -> Result<End, Failure> {
	let printer = Printer { job: args.job, json: args.json };
	// What is missing for a dispute is said before the work.
	let key = if args.prove { Some(keys::load(&args.key)?) } else { None };
	let chain = Arc::new(Chain::connect(&args.chain.chain, None).await?);
	if let Some(out) = &args.out {
		let why = |e| Failure::Usage(format!("--out: cannot make {}: {e}", out.display()));
		std::fs::create_dir_all(out).map_err(why)?;
	}
	let examiner = Examiner::new(args.allow_private_fetch)?;
	let Some(mut subject) = revealed(&chain, &args).await? else {
		let why = "the chain has no operands of it: there is no such job, or it is over";
		return Ok(printer.unchecked(why));
	};
	match subject.phase {
		Phase::Revealed { .. } => {},
		Phase::Early | Phase::Committed { .. } => {
			return Ok(printer.unchecked("it is not revealed yet; see --wait"));
		},
		Phase::Settled => return Ok(printer.unchecked("it has settled")),
		Phase::Closed => return Ok(printer.unchecked("it has ended without a result")),
	}
	let buyer = key.map(|key| {
		let submitter = Arc::new(Submitter::new(chain.clone(), key));
		Buyer { chain: chain.clone(), submitter, out: args.out }
	});
	let verdict = loop {
		match examiner.examine(&subject).await {
			Ok(verdict) => break verdict,
			Err(Error::Blob { tensor, source }) => {
				let why = format!("tensor {tensor} cannot be had: {source}");
				let Some(buyer) = &buyer else { return Ok(printer.unchecked(&why)) };
				// The worker has promised to serve what it has accepted.
				tracing::warn!("{why}; demanding it through the chain");
				if let Some(end) = buyer.demand(&mut subject, tensor, &printer).await? {
					return Ok(end);
				}
			},
			Err(error) => return Err(error.into()),
		}
	};
	match verdict {
		Verdict::Right(method) => {
			let (how, text) = match method {
				Method::Checked => ("checked", "right: its outputs were checked"),
				Method::Computed => ("computed", "right: computed again, with the same result"),
			};
			printer.say("verdict", text, json!({ "verdict": "right", "method": how }));
			if method == Method::Checked {
				return Ok(End::Right);
			}
			while let Some(output) = unserved(&subject, &examiner).await? {
				let text = format!("its worker does not serve its output, tensor {output}");
				printer.say("unserved", &text, json!({ "tensor": output }));
				let Some(buyer) = &buyer else { return Ok(End::Unserved) };
				if let Some(end) = buyer.demand(&mut subject, output, &printer).await? {
					return Ok(end);
				}
			}
			Ok(End::Right)
		},
		Verdict::Wrong { run, outputs } => {
			let first = outputs.first().copied();
			let op = first.and_then(|place| {
				let program = subject.program.program();
				let id = program.outputs.get(usize::from(place))?;
				usize::from(*id).checked_sub(program.leaves())
			});
			let roots: Vec<_> =
				run.output_roots().iter().map(|root| format!("0x{}", hex::encode(root))).collect();
			let text = format!(
				"WRONG: outputs {outputs:?} differ; operation {op:?} defines the first of them"
			);
			let fields =
				json!({ "verdict": "wrong", "outputs": outputs, "op": op, "right_roots": roots });
			printer.say("verdict", &text, fields);
			let Some(Buyer { submitter, .. }) = buyer else { return Ok(End::Wrong) };
			let challenge =
				Challenge::new(chain, submitter, examiner.engine.clone(), subject, *run);
			Ok(ended(challenge.pursue().await?, &printer))
		},
	}
}

/// The result, once it is revealed if it is to be waited for; `None` if the chain has no operands of it.
async fn revealed(chain: &Arc<Chain>, args: &VerifyArgs) -> Result<Option<Subject>, Failure> {
	let mut heads = Follow::new(chain.clone());
	loop {
		let view = heads.next().await?;
		let subject = Subject::load(&view, args.job).await?;
		let early = match &subject {
			None => view.job(args.job).await?.is_some_and(|job| !job.record.state.is_final()),
			Some(subject) => matches!(subject.phase, Phase::Early | Phase::Committed { .. }),
		};
		if !(args.wait && early) {
			return Ok(subject);
		}
	}
}

/// The first output that its worker does not serve.
async fn unserved(subject: &Subject, examiner: &Examiner) -> Result<Option<u16>, Failure> {
	match subject.fetch_outputs(&examiner.fetcher).await {
		Ok(_) => Ok(None),
		Err(Error::Blob { tensor, .. }) => Ok(Some(tensor)),
		Err(error) => Err(error.into()),
	}
}

/// Demands tensors through the chain, and pays for it.
struct Buyer {
	chain: Arc<Chain>,
	submitter: Arc<Submitter>,
	/// Where they are kept.
	out: Option<PathBuf>,
}

impl Buyer {
	/// Demands a tensor and gives it to `subject`; how it ended if that cannot be.
	async fn demand(
		&self,
		subject: &mut Subject,
		tensor: u16,
		printer: &Printer,
	) -> Result<Option<End>, Failure> {
		let unbound = || Failure::Other(format!("nobody is bound to tensor {tensor}"));
		let root = subject.claimed().root_of(&subject.program, tensor).ok_or_else(unbound)?;
		let (chain, submitter) = (self.chain.clone(), self.submitter.clone());
		let demands = Demands::new(chain, submitter, subject.clone(), tensor);
		Ok(match demands.ok_or_else(unbound)?.pursue().await? {
			Obtained::Tensor(shown) => {
				let blob = shown.to_bytes();
				let path = self.out.as_ref().and_then(|out| keep(out, &hex::encode(root), &blob));
				let text = match &path {
					Some(path) => format!("tensor {tensor} was shown on chain: {path}"),
					None => format!("tensor {tensor} was shown on chain"),
				};
				printer.say("shown", &text, json!({ "tensor": tensor, "path": path }));
				subject.show(tensor, blob);
				None
			},
			Obtained::Withheld { chunk, block } => {
				let fields = json!({ "tensor": tensor, "chunk": chunk, "block": block });
				printer.say("withheld", "withheld, and its worker was convicted", fields);
				Some(End::Convicted)
			},
			Obtained::Over(ended) => {
				let (phase, text) = over(ended);
				printer.say("over", text, json!({ "tensor": tensor, "phase": phase }));
				Some(match ended {
					Ended::Convicted => End::Convicted,
					_ if usize::from(tensor) < subject.operands.len() => End::Unchecked,
					_ => End::Unserved,
				})
			},
		})
	}
}

/// Writes a blob to a file and gives its path. That it cannot be written does not end the check: it can be read again.
fn keep(out: &Path, name: &str, blob: &[u8]) -> Option<String> {
	let path = out.join(name);
	match std::fs::write(&path, blob) {
		Ok(()) => Some(path.display().to_string()),
		Err(error) => {
			tracing::error!("cannot write {}: {error}; run again to have it", path.display());
			None
		},
	}
}

/// How a result ended before we were done with it: for programs and for people.
fn over(ended: Ended) -> (&'static str, &'static str) {
	match ended {
		Ended::Settled => ("settled", "it has settled"),
		Ended::Convicted => ("convicted", "its worker has been convicted already"),
		Ended::Closed => ("closed", "its job was closed, and nobody was convicted"),
		Ended::Untold => ("untold", "it is over, and the chain does not tell how"),
	}
}

/// How a dispute ended.
fn ended(outcome: Outcome, printer: &Printer) -> End {
	let (name, text, fields, end) = match outcome {
		Outcome::Proved { block } => (
			"proved",
			format!("proved wrong in block {block}"),
			json!({ "block": block }),
			End::Convicted,
		),
		Outcome::Unanswered { question, block } => (
			"unanswered",
			format!("its worker did not answer {question:?}: reported in block {block}"),
			json!({ "question": format!("{question:?}"), "block": block }),
			End::Convicted,
		),
		Outcome::Over(ended) => {
			let (phase, text) = over(ended);
			let end = match ended {
				Ended::Convicted => End::Convicted,
				Ended::Settled | Ended::Closed | Ended::Untold => End::Unpunished,
			};
			("over", text.to_string(), json!({ "phase": phase }), end)
		},
		Outcome::TooLate => (
			"too_late",
			"its trace can no longer be asked for".to_string(),
			json!({}),
			End::Unpunished,
		),
		// What was found here is not what was shown: cannot be after a verdict.
		Outcome::Right => {
			("agrees", "nothing that was shown is wrong".to_string(), json!({}), End::Unpunished)
		},
	};
	let mut all = json!({ "outcome": name });
	if let (Some(all), Value::Object(fields)) = (all.as_object_mut(), fields) {
		all.extend(fields);
	}
	printer.say("outcome", &text, all);
	end
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_end_has_its_code() {
		let printer = Printer { job: 1, json: true };
		for (outcome, code) in [
			(Outcome::Proved { block: 9 }, 11),
			(Outcome::Over(Ended::Convicted), 11),
			(Outcome::Over(Ended::Settled), 12),
			(Outcome::Over(Ended::Closed), 12),
			(Outcome::Over(Ended::Untold), 12),
			(Outcome::TooLate, 12),
		] {
			assert_eq!(ended(outcome, &printer).code(), code, "{outcome:?}");
		}
		assert_eq!((End::Right.code(), End::Wrong.code(), End::Unchecked.code()), (0, 10, 13));
	}
}
