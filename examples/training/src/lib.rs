// SPDX-License-Identifier: Apache-2.0
//! Trains the digits network from scratch, in integers alone.
//!
//! One epoch is one tensor program: forward pass, gradient of the cross entropy, backward pass and the step of stochastic
//! gradient descent, eighteen times over. Its outputs are the inputs of the next run, as a chain of jobs would pass them
//! on by `OutputOf`; every engine gives the same bits at every link. Start with [`program`].

pub mod data;
pub mod draw;
pub mod engine;
pub mod program;
pub mod training;

pub use engine::Engine;
pub use training::Training;
