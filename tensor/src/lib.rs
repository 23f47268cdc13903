// SPDX-License-Identifier: Apache-2.0
//! Tensor programs: what a Calor job computes, and what a result is worth.
//!
//! A [`Program`] is a list of integer tensor operations in single-assignment form. This crate holds its format, the
//! rules that every program must obey ([`Program::validate`]), its cost in multiply-accumulates ([`Validated::mac`]),
//! the definition of each operation ([`reference`]), the commitments by which machines agree on a result
//! ([`commit`], [`tree`]), the judgement over one tile of it ([`referee`]), and the proof that a worker lied about one
//! ([`proof`], made by [`prove`]). It is `no_std`, knows nothing of any chain, and runs the same on a CPU and inside
//! the runtime.
//!
//! Start with [`program`], then [`validate`], then [`kernels`]; the latter is the law for every other engine.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod benchmark;
pub mod bounds;
pub mod commit;
mod infer;
pub mod kernels;
pub mod layout;
pub mod program;
pub mod proof;
pub mod prove;
pub mod referee;
pub mod reference;
mod rules;
pub mod tensor;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tree;
pub mod types;
pub mod validate;
pub mod window;

pub use commit::{program_id, tensor_root, trace_root, Hash};
pub use infer::{MAX_K, MAX_ROW};
pub use layout::{Layout, Tile, TILE};
pub use program::{Op, Program, Scale, TensorId, Window};
pub use tensor::{Data, Tensor};
pub use types::{DType, TensorType};
pub use validate::{Fault, Rule, Validated};
