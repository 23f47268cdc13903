// SPDX-License-Identifier: Apache-2.0
//! Errors that the pallets log: what "cannot happen" does not panic in a release build.

use std::{cell::RefCell, sync::Once};

thread_local! {
	static SAID: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Listener;

impl log::Log for Listener {
	fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
		metadata.level() == log::Level::Error
	}

	fn log(&self, record: &log::Record<'_>) {
		if self.enabled(record.metadata()) {
			let said = format!("{}: {}", record.target(), record.args());
			SAID.with(|all| all.borrow_mut().push(said));
		}
	}

	fn flush(&self) {}
}

/// Begins to listen.
pub fn listen() {
	static LISTEN: Once = Once::new();
	LISTEN.call_once(|| {
		// Whoever listens already hears it as well.
		let _ = log::set_logger(&Listener);
		log::set_max_level(log::LevelFilter::Error);
	});
}

/// Fails if anything was said on this thread since the last time.
pub fn none() {
	let said = SAID.with(|all| std::mem::take(&mut *all.borrow_mut()));
	assert!(said.is_empty(), "what cannot happen did: {said:?}");
}
