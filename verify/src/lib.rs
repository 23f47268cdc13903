// SPDX-License-Identifier: Apache-2.0
//! Finds where a result is wrong and proves it: for auditors, challengers, researchers, and workers who must answer them.
//!
//! Knows programs, tensors, questions and answers, and nothing of how these get to a chain.
//!
//! ```text
//! Run::trace(engine, program, operands)   what is right: roots and leaf hashes of all tensors
//! Claimed::new(outputs)                   what the worker has shown; each answer is checked and added by `take`
//! run.next(&claimed) -> Agrees            nothing that was shown is wrong
//!                    |  Ask(question)     put it to the chain; at most three times
//!                    |  Recompute(..)     run.hold(engine, ..): a run keeps few tensors by itself
//!                    |  Proof(proof)      commit to it, then show it
//! run.answer(question)                    the other side: what an honest worker says
//! ```
//!
//! Start with [`Run`], then [`Finding`]. [`check`] is for those who hold the claimed tensors themselves: large products
//! are checked there for less than it costs to compute them.

mod answer;
pub mod check;
mod claimed;
mod descent;
mod error;
mod run;

pub use answer::tiles;
pub use claimed::Claimed;
pub use descent::Finding;
pub use error::Error;
pub use run::{Keep, Run, Tracer};
