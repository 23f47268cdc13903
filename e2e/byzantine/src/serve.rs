// SPDX-License-Identifier: Apache-2.0
//! Outputs over HTTP, as workers serve them; to everybody, since a cheat does not care for who sees them.

use axum::{
	extract::{Path, State},
	http::StatusCode,
	routing::get,
	Router,
};
use std::{
	collections::HashMap,
	sync::{Arc, Mutex, PoisonError},
};

/// Outputs by job.
#[derive(Clone, Default)]
pub struct Shelf(Arc<Mutex<HashMap<u64, Vec<Vec<u8>>>>>);

impl Shelf {
	/// Serves the outputs of a job.
	pub fn put(&self, job: u64, outputs: Vec<Vec<u8>>) {
		self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(job, outputs);
	}

	fn get(&self, job: u64, index: usize) -> Option<Vec<u8>> {
		let shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
		shelf.get(&job)?.get(index).cloned()
	}

	/// The routes.
	pub fn routes(self) -> Router {
		let output = |State(shelf): State<Self>, Path((job, index)): Path<(u64, usize)>| async move {
			shelf.get(job, index).ok_or(StatusCode::NOT_FOUND)
		};
		Router::new().route("/outputs/{job}/{index}", get(output)).with_state(self)
	}
}
