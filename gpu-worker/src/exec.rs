// SPDX-License-Identifier: Apache-2.0
//! The engine in a process of its own.
//!
//! A driver can hang, crash, or explode while it compiles a shader. Each task runs in a child that is killed when its
//! time is over, so the worst costs one job; the daemon itself never opens a device.

use anyhow::Context;
use calor_gpu::{Caps, Engine, Error as GpuError, Selection, Tuning};
use calor_tensor::{tensor_root, Program, Tensor, Validated};
use serde::{Deserialize, Serialize};
use std::{
	path::{Path, PathBuf},
	process::Stdio,
	time::Duration,
};

const TASK: &str = "task.json";
const RESULT: &str = "result.json";
const PROGRAM: &str = "program.bin";
const ERRORS: &str = "stderr.log";
/// Beside the folders of the tasks.
const TUNING: &str = "tuning";

/// What a child is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
	/// Compare the adapter with the reference.
	SelfTest,
	/// See whether a program fits the adapter.
	Plan,
	/// Run a program.
	Run,
	/// Run a program on the CPU.
	RunOnCpu,
}

#[derive(Debug, Serialize, Deserialize)]
struct Task {
	kind: Kind,
	adapter: Option<String>,
	allow_cpu: bool,
	/// Where it is kept which way of computing products is fastest on this adapter.
	tuning: PathBuf,
	/// Whether there is time to measure what is not known yet.
	measure: bool,
	operands: Vec<PathBuf>,
}

/// Time that a job must leave before its products are measured: tens of shaders are compiled and timed for each kind of
/// product that is new. What was measured is kept, so only the first job of its kind pays.
const TUNING_TIME: Duration = Duration::from_secs(60);

/// What a child has to say.
#[derive(Debug, Serialize, Deserialize)]
enum Report {
	/// The adapter passed.
	Passed(Adapter),
	/// The program fits.
	Fits,
	/// Roots of the outputs, which lie beside the report.
	Ran(Vec<[u8; 32]>),
	/// The adapter cannot be used, or not for this program.
	Unfit(String),
	/// The adapter has not enough memory left.
	Full(String),
	/// Something else went wrong.
	Failed(String),
}

/// The adapter that jobs run on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Adapter {
	/// Name of the hardware.
	pub name: String,
	/// Driver and version.
	pub driver: String,
	/// Whether it is a CPU.
	pub cpu: bool,
	/// Programs of the self-test that it passed.
	pub cases: usize,
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
	/// The adapter cannot be used, or not for this program: trying again changes nothing.
	#[error("{0}")]
	Unfit(String),
	/// The adapter has not enough memory left: it may have once nothing else runs there.
	#[error("{0}")]
	Full(String),
	/// The child took too long and was killed.
	#[error("no result within {} s; the process was killed", .0.as_secs())]
	TooLong(Duration),
	/// The child failed.
	#[error("{0:#}")]
	Failed(#[from] anyhow::Error),
}

/// One output of a run.
#[derive(Debug)]
pub struct Output {
	/// Its tensor root.
	pub root: [u8; 32],
	/// Its blob.
	pub bytes: Vec<u8>,
}

/// Where a program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
	/// On the adapter.
	Adapter,
	/// On all cores of the CPU.
	Cpu,
}

/// Runs tasks in children.
#[derive(Clone, Debug)]
pub struct Runner {
	/// Directory for what passes between the two processes.
	pub work: PathBuf,
	/// Part of the adapter's name, if one was asked for.
	pub adapter: Option<String>,
	/// Whether a CPU adapter will do.
	pub allow_cpu: bool,
}

impl Runner {
	/// Tests the adapter against the reference.
	///
	/// # Errors
	/// [`ExecError::Unfit`] if there is none or it is wrong.
	pub async fn self_test(&self, limit: Duration) -> Result<Adapter, ExecError> {
		match self.child("self-test", Kind::SelfTest, &[], Vec::new(), limit).await?.0 {
			Report::Passed(adapter) => Ok(adapter),
			other => Err(unexpected(other)),
		}
	}

	/// Sees whether a program fits the adapter.
	///
	/// # Errors
	/// [`ExecError::Unfit`] if it never does, [`ExecError::Full`] if not now.
	pub async fn plan(&self, job: u64, program: &[u8], limit: Duration) -> Result<(), ExecError> {
		match self.child(&format!("plan-{job}"), Kind::Plan, program, Vec::new(), limit).await?.0 {
			Report::Fits => Ok(()),
			other => Err(unexpected(other)),
		}
	}

	/// Runs a program on blobs: inputs, then constants.
	///
	/// # Errors
	/// [`ExecError`].
	pub async fn run(
		&self,
		place: Place,
		job: u64,
		program: &[u8],
		operands: Vec<PathBuf>,
		limit: Duration,
	) -> Result<Vec<Output>, ExecError> {
		let (name, kind) = match place {
			Place::Adapter => (format!("job-{job}"), Kind::Run),
			Place::Cpu => (format!("cpu-{job}"), Kind::RunOnCpu),
		};
		match self.child(&name, kind, program, operands, limit).await? {
			(Report::Ran(roots), blobs) if roots.len() == blobs.len() => {
				let outputs = roots.into_iter().zip(blobs);
				Ok(outputs.map(|(root, bytes)| Output { root, bytes }).collect())
			},
			(other, _) => Err(unexpected(other)),
		}
	}

	async fn child(
		&self,
		name: &str,
		kind: Kind,
		program: &[u8],
		operands: Vec<PathBuf>,
		limit: Duration,
	) -> Result<(Report, Vec<Vec<u8>>), ExecError> {
		let dir = self.work.join(name);
		let _ = std::fs::remove_dir_all(&dir);
		std::fs::create_dir_all(&dir).context("cannot make the work directory")?;
		let task = Task {
			kind,
			adapter: self.adapter.clone(),
			allow_cpu: self.allow_cpu,
			tuning: self.work.join(TUNING),
			measure: kind == Kind::Run && limit >= TUNING_TIME,
			operands,
		};
		let task = serde_json::to_vec(&task).context("cannot write the task")?;
		std::fs::write(dir.join(TASK), task).context("cannot write the task")?;
		std::fs::write(dir.join(PROGRAM), program).context("cannot write the program")?;
		let exe = std::env::current_exe().context("cannot find this program")?;
		let mut child = tokio::process::Command::new(exe)
			.arg("exec-job")
			.arg(&dir)
			.stdin(Stdio::null())
			.stdout(Stdio::null())
			// To a file and not into our log: drivers write what they like, and as much.
			.stderr(std::fs::File::create(dir.join(ERRORS)).context("cannot make a log")?)
			.kill_on_drop(true)
			.spawn()
			.context("cannot start the process for the job")?;
		let status = match tokio::time::timeout(limit, child.wait()).await {
			Ok(status) => status.context("cannot wait for the process of the job")?,
			Err(_) => {
				let _ = child.kill().await;
				keep_errors(&dir);
				return Err(ExecError::TooLong(limit));
			},
		};
		let report = std::fs::read(dir.join(RESULT)).map_err(|_| {
			keep_errors(&dir);
			let log = dir.join(ERRORS);
			anyhow::anyhow!("its process ended without a result: {status}; see {}", log.display())
		})?;
		let report: Report = serde_json::from_slice(&report).context("cannot read the result")?;
		let mut blobs = Vec::new();
		if let Report::Ran(roots) = &report {
			for i in 0..roots.len() {
				blobs.push(std::fs::read(output(&dir, i)).context("cannot read an output")?);
			}
		}
		let _ = std::fs::remove_dir_all(&dir);
		Ok((report, blobs))
	}
}

/// Removes all that a failed task left but what it had to say.
fn keep_errors(dir: &Path) {
	let Ok(files) = std::fs::read_dir(dir) else { return };
	for file in files.flatten().filter(|file| file.file_name() != ERRORS) {
		// What cannot be removed now goes when a task of this name runs again.
		let _ = std::fs::remove_file(file.path());
	}
}

fn unexpected(report: Report) -> ExecError {
	match report {
		Report::Unfit(why) => ExecError::Unfit(why),
		Report::Full(why) => ExecError::Full(why),
		Report::Failed(why) => ExecError::Failed(anyhow::anyhow!(why)),
		other => ExecError::Failed(anyhow::anyhow!("an answer to another question: {other:?}")),
	}
}

fn output(dir: &Path, i: usize) -> PathBuf {
	dir.join(format!("output-{i}.bin"))
}

/// The child: does the task in `dir` and leaves a report there.
///
/// # Errors
/// If no report could be left.
pub fn child_main(dir: &Path) -> anyhow::Result<()> {
	let task: Task = serde_json::from_slice(&std::fs::read(dir.join(TASK))?)?;
	let report = perform(dir, &task).unwrap_or_else(|error| match error.downcast::<GpuError>() {
		Ok(
			error @ (GpuError::NoAdapter { .. }
			| GpuError::CpuAdapterNotAllowed { .. }
			| GpuError::NoDevice { .. }
			| GpuError::TooLarge { .. }
			| GpuError::TooLong { .. }
			| GpuError::Mismatch { .. }),
		) => Report::Unfit(error.to_string()),
		Ok(error @ GpuError::OutOfMemory) => Report::Full(error.to_string()),
		Ok(error) => Report::Failed(error.to_string()),
		Err(error) => Report::Failed(format!("{error:#}")),
	});
	std::fs::write(dir.join("result.tmp"), serde_json::to_vec(&report)?)?;
	std::fs::rename(dir.join("result.tmp"), dir.join(RESULT))?;
	Ok(())
}

fn perform(dir: &Path, task: &Task) -> anyhow::Result<Report> {
	if task.kind == Kind::RunOnCpu {
		return perform_on_cpu(dir, task);
	}
	let selection =
		Selection { name: task.adapter.clone(), allow_cpu: task.allow_cpu, ..Default::default() };
	// Unless it is forbidden, the engine measures where that is worth while.
	let measure = (!task.measure).then_some(false);
	let tuning = Tuning { directory: Some(task.tuning.clone()), measure, ..Default::default() };
	let engine = Engine::capped(&selection, Caps { tuning, ..Default::default() })?;
	if task.kind == Kind::SelfTest {
		let cases = engine.self_test()?.cases;
		let info = engine.info();
		let (name, driver) = (info.name.clone(), info.driver.clone());
		return Ok(Report::Passed(Adapter { name, driver, cpu: info.is_cpu(), cases }));
	}
	let program = program(dir)?;
	let plan = engine.plan(&program)?;
	if task.kind == Kind::Plan {
		engine.rehearse(&plan)?;
		return Ok(Report::Fits);
	}
	let operands = operands(&program, task)?;
	let inputs = program.program().inputs.len();
	let (inputs, constants) = operands
		.split_at_checked(inputs)
		.context("there are fewer operands than the program takes")?;
	let (outputs, roots) = engine.load(&plan, constants)?.run_with_roots(inputs)?;
	for (i, tensor) in outputs.iter().enumerate() {
		std::fs::write(output(dir, i), tensor.to_bytes())?;
	}
	Ok(Report::Ran(roots))
}

fn perform_on_cpu(dir: &Path, task: &Task) -> anyhow::Result<Report> {
	let program = program(dir)?;
	let engine = calor_cpu::Engine::new(&Default::default())?;
	let outputs = engine.run(&engine.plan(&program)?, &operands(&program, task)?)?;
	for (i, tensor) in outputs.iter().enumerate() {
		std::fs::write(output(dir, i), tensor.to_bytes())?;
	}
	Ok(Report::Ran(outputs.iter().map(tensor_root).collect()))
}

fn program(dir: &Path) -> anyhow::Result<Validated> {
	let program = Program::from_bytes(&std::fs::read(dir.join(PROGRAM))?)?;
	program.validate().map_err(|e| anyhow::anyhow!("not a valid program: {e}"))
}

/// Inputs, then constants.
fn operands(program: &Validated, task: &Task) -> anyhow::Result<Vec<Tensor>> {
	let types = program.program().inputs.iter().chain(&program.program().constants);
	let tensors = types
		.zip(&task.operands)
		.map(|(ty, path)| Ok(Tensor::from_bytes(ty.clone(), &std::fs::read(path)?)?));
	tensors.collect()
}
