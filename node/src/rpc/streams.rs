// SPDX-License-Identifier: Apache-2.0

//! The subscriptions of the `calor_` namespace.
//! What is sent when is decided in `follow`. A reader that does not keep up misses steps, never the last one.

use super::{
	chain::Chain,
	error::Error,
	follow::{follow, newest, Head, Latest},
	view::{Job, JobNews, Queue, QueueNews},
};
use calor_primitives::JobId;
use futures::{future, Stream, StreamExt};
use jsonrpsee::{proc_macros::rpc, PendingSubscriptionSink};
use sc_rpc::{
	utils::{spawn_subscription_task, Subscription},
	SubscriptionTaskExecutor,
};
use serde::Serialize;

/// News of jobs and queues. A trait of its own, since `calor_job` names a call there and a notification here.
#[rpc(server)]
pub trait CalorStreamsApi {
	/// Job number `id` now, whenever it changes at the best block, and again when that is finalised. Nothing follows once
	/// its end is finalised, or that its record was dropped.
	#[subscription(
		name = "calor_subscribeJob" => "calor_job",
		unsubscribe = "calor_unsubscribeJob",
		item = JobNews
	)]
	fn subscribe_job(&self, id: JobId);

	/// Queued jobs and waiting providers of each class now, and whenever they change at the best block.
	#[subscription(
		name = "calor_subscribeQueue" => "calor_queue",
		unsubscribe = "calor_unsubscribeQueue",
		item = QueueNews
	)]
	fn subscribe_queue(&self);
}

/// Tells the news of `chain`.
pub struct CalorStreams {
	chain: Chain,
	executor: SubscriptionTaskExecutor,
}

impl CalorStreams {
	/// Subscriptions run in `executor`.
	pub fn new(chain: Chain, executor: SubscriptionTaskExecutor) -> Self {
		Self { chain, executor }
	}
}

impl CalorStreamsApiServer for CalorStreams {
	fn subscribe_job(&self, pending: PendingSubscriptionSink, id: JobId) {
		let chain = self.chain.clone();
		spawn_subscription_task(&self.executor, async move {
			let known =
				chain.job(chain.best(), id).and_then(|job| job.ok_or(Error::UnknownJob(id)));
			if let Err(error) = known {
				return pending.reject(error).await;
			}
			let heads = newest(chain.heads());
			let look = move |head: Head| -> Result<_, Error> {
				Ok(chain.job(head.hash, id)?.map(Job::from))
			};
			let news = follow(heads, look, Job::has_ended)
				.map(move |news| JobNews::new(id, news.found, news.head));
			send(pending, news, Latest::new(JobNews::is_finalised)).await
		});
	}

	fn subscribe_queue(&self, pending: PendingSubscriptionSink) {
		let chain = self.chain.clone();
		spawn_subscription_task(&self.executor, async move {
			if let Err(error) = chain.queues(chain.best()) {
				return pending.reject(error).await;
			}
			let heads = newest(chain.best_heads());
			let look = move |head: Head| -> Result<_, Error> {
				let queues = chain.queues(head.hash)?.into_iter().map(Queue::from);
				Ok(Some(queues.collect::<Vec<_>>()))
			};
			let news = follow(heads, look, |_| false).filter_map(|news| {
				let head = news.head;
				future::ready(news.found.map(|queues| QueueNews { queues, block: head }))
			});
			send(pending, news, Latest::new(|_| true)).await
		});
	}
}

/// Accepts a subscription and sends what the stream gives until either ends.
///
/// First the one, then the other: a stream that ends before its reader is there would take its items with it.
async fn send<T: Serialize + Send + 'static>(
	pending: PendingSubscriptionSink,
	news: impl Stream<Item = T> + Send + 'static,
	buffer: Latest<T>,
) {
	// Who has hung up needs no answer.
	let Ok(sink) = pending.accept().await else { return };
	Subscription::from(sink).pipe_from_stream(news.boxed(), buffer).await;
}
