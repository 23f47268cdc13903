// SPDX-License-Identifier: Apache-2.0
//! Runs integer tensor programs on CPUs, bit for bit as [`calor_tensor`] defines them: for challengers and researchers
//! without a GPU.
//!
//! An [`Engine`] is a number of threads and a set of vector instructions. A validated program is *planned* (operations
//! are fused into steps, tensors whose lives do not overlap share memory), *loaded* with its constants (weights take the
//! layout that their kernels read) and *run* on inputs, as often as need be. [`verify`] checks results that others claim
//! for less than it costs to compute them.
//!
//! ```
//! use calor_cpu::{Engine, Options};
//! # use calor_tensor::{program::VERSION, Data, Op, Program, Tensor, TensorType};
//! # let x = Tensor::from_data(TensorType::i8(&[1, 2]), Data::I8(vec![1, 2])).unwrap();
//! # let w = Tensor::from_data(TensorType::i8(&[2, 2]), Data::I8(vec![3, 4, 5, -6])).unwrap();
//! let program = Program {
//!     version: VERSION,
//!     inputs: vec![TensorType::i8(&[1, 2])],
//!     constants: vec![TensorType::i8(&[2, 2])],
//!     ops: vec![Op::MatMul { a: 0, b: 1 }],
//!     outputs: vec![2],
//! }
//! .validate()?;
//! let engine = Engine::new(&Options::default())?;
//! let plan = engine.plan(&program)?;
//! let mut session = engine.load(&plan, &[w])?;
//! assert_eq!(session.run(&[x])?[0].data(), &Data::I32(vec![11, -7]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Results never depend on threads, instructions or fusion: everything is integer arithmetic, exact or modulo a power of
//! two, in whatever order. Start reading with `plan` (what runs when, and where tensors live), then `exec`, `gemm` (the
//! products, where the time goes) and `strip` (pointwise operations within the cache).

mod buffer;
mod conv;
mod engine;
mod error;
mod exec;
mod gemm;
mod kind;
mod level;
mod movement;
mod philox;
mod plan;
mod pointwise;
mod pool;
mod post;
mod rows;
mod scales;
mod session;
mod sgd;
mod strip;
mod table;
pub mod verify;
mod window;

pub use engine::{Engine, Options};
pub use error::Error;
pub use level::Level;
pub use plan::Plan;
pub use session::Session;
