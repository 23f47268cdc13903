// SPDX-License-Identifier: Apache-2.0
//! Holds the three implementations of tensor programs against each other: see `tests/agreement.rs`.
