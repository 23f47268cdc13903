// SPDX-License-Identifier: Apache-2.0
//! Runs integer tensor programs on GPUs, bit for bit as [`calor_tensor`] defines them.
//!
//! An [`Engine`] is one open adapter. A validated program is *recorded* (each step becomes dispatches of kernels),
//! *planned* (tensors whose lives do not overlap share buffers), *loaded* and *run*. The roots by which results are
//! committed to are computed on the device as well. This crate knows tensors and drivers, and nothing of jobs or chains.
//!
//! ```no_run
//! use calor_gpu::{Engine, Selection};
//! # fn example(program: calor_tensor::Validated, operands: Vec<calor_tensor::Tensor>) -> Result<(), calor_gpu::Error> {
//! let engine = Engine::new(&Selection::default())?;
//! engine.self_test()?;
//! let plan = engine.plan(&program)?;
//! let outputs = engine.run(&plan, &operands)?;
//! # Ok(())
//! # }
//! ```
//!
//! Every adapter gives the same bits because kernels use nothing but integer arithmetic that WGSL defines, and keep away
//! from what drivers get wrong: shifts are masked, signed numbers are never divided, nothing is read or written out of
//! bounds, no two invocations meet on one element, and no invocation loops more than 60,000 times. Work is cut into
//! dispatches below 50 ms.
//!
//! A driver can hang, and dropping the engine then blocks: hold it in a process that can be killed. Start reading with
//! `storage` (how tensors lie on the device), then `kernels`, `schedule`, `loaded`, `session`.

mod adapter;
mod conformance;
mod device;
mod engine;
mod error;
mod kernels;
mod loaded;
mod passthrough;
mod pipelines;
mod plan;
mod schedule;
mod session;
mod slots;
mod storage;
mod tape;
mod tune;
mod weights;

pub use adapter::{adapters, AdapterInfo, AdapterKind, Selection};
pub use conformance::Conformance;
pub use device::Caps;
pub use engine::Engine;
pub use error::Error;
pub use plan::Plan;
pub use session::Session;
pub use tune::Tuning;
