// SPDX-License-Identifier: Apache-2.0
//! Cost of each call and of each step of a round at its worst.
