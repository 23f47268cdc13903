// SPDX-License-Identifier: Apache-2.0
//! Runs integer tensor programs on CPUs.
