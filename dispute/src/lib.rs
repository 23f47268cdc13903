// SPDX-License-Identifier: Apache-2.0
//! Checks results of a Calor chain, and proves wrong ones to it: what an auditor's worker does, and a researcher with
//! `calor verify`.
//!
//! ```text
//! Subject::load(view, job)        what ran on what, and what is claimed
//! subject.fetch(fetcher)          its operands, from wherever they are offered
//! Examiner::examine(..)           right, or wrong and where
//! Challenge::new(..).pursue()     asks, reads the answers from blocks, and proves
//! ```
//!
//! A challenge remembers nothing but the run: what was asked, what was answered and what is bound stands on the chain, so it
//! goes on after a restart or a reorganisation from what is there. Start with [`challenge`], then [`step`].

pub mod answers;
pub mod challenge;
pub mod ending;
pub mod error;
pub mod examine;
pub mod follow;
pub mod step;
pub mod subject;
pub mod withheld;

pub use challenge::{Challenge, Outcome};
pub use ending::Ended;
pub use error::Error;
pub use examine::{Examiner, Method, Verdict};
pub use follow::Follow;
pub use subject::{Operand, Phase, Subject};
