// SPDX-License-Identifier: Apache-2.0
//! All scenarios, one a file.

mod collapse;
mod crash;
mod fakers;
mod flat;
mod growth;
mod oracle;
mod wash;
mod whale;

use crate::scenario::Scenario;

/// All scenarios but that of split providers, which compares several runs.
pub fn all() -> Vec<Box<dyn Scenario + Send>> {
	vec![
		Box::new(growth::Growth),
		Box::new(flat::Flat),
		Box::new(collapse::Collapse),
		Box::<wash::Wash>::default(),
		Box::<fakers::Fakers>::default(),
		Box::<oracle::Oracle>::default(),
		Box::new(crash::Crash),
		Box::new(whale::Whale),
	]
}
