// SPDX-License-Identifier: Apache-2.0
//! What the worker has bound itself to, on disk before the chain hears of it.
//!
//! A worker that committed to one result and then computed, salted or signed another would lose its stake; so the entry
//! is written and synced before the commit is signed, and salt and roots are never replaced while the job is the same. It is
//! kept in three books, since the same job can be run in two roles: as its worker, or as its auditor.

use anyhow::Context;
use calor_client::{messages, types::JobView, AccountId32, CAPACITY_JOBS, H256};
use redb::{
	Database, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction,
};
use serde::{Deserialize, Serialize};
use std::path::Path;
use tokio::sync::watch;

/// As whom the worker is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Book {
	/// As the worker of a job.
	Jobs,
	/// As an auditor of a job or of another's proof of capacity.
	Audits,
	/// By its own proof of capacity.
	Proofs,
}

impl Book {
	/// All of them.
	pub const ALL: [Self; 3] = [Self::Jobs, Self::Audits, Self::Proofs];

	/// Entries by job.
	const fn table(self) -> TableDefinition<'static, u64, &'static [u8]> {
		TableDefinition::new(match self {
			Self::Jobs => "jobs",
			Self::Audits => "audits",
			Self::Proofs => "proofs",
		})
	}

	/// Where the results of that number stand that this worker put out itself: those that it serves.
	pub const fn of_own(job: u64) -> Self {
		if job >= CAPACITY_JOBS {
			Self::Proofs
		} else {
			Self::Jobs
		}
	}
}

/// What holds for the whole journal.
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
/// Genesis hash of the chain that the entries belong to.
const GENESIS: &str = "genesis";
/// Highest finalised height that was seen, in little-endian bytes.
const SEEN: &str = "seen";

/// Stands for a client where there is none: proofs of capacity and audits. As a key it is the identity, for which anybody
/// can make a signature, so none of it counts.
pub const NOBODY: [u8; 32] = [0; 32];

/// What is known of one job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
	/// What the job is, so that a job of the same number on a chain that began anew is not taken for it.
	pub fingerprint: [u8; 32],
	/// The account that may fetch before the reveal, or [`NOBODY`].
	pub client: [u8; 32],
	/// Opens the commitment.
	pub salt: [u8; 32],
	/// The worker key that the commitment binds.
	pub worker: [u8; 32],
	/// Roots of the outputs in order.
	pub output_roots: Vec<[u8; 32]>,
	/// Roots of inputs and constants in order.
	pub operand_roots: Vec<[u8; 32]>,
	/// Whether the chain has revealed the result.
	pub public: bool,
	/// Finalised height at which the job was seen to have ended.
	pub ended: Option<u32>,
}

impl Entry {
	/// The commitment that binds to this entry.
	pub fn commitment(&self, genesis: &H256, job: u64) -> H256 {
		let roots: Vec<_> = self.output_roots.iter().map(|root| H256(*root)).collect();
		messages::commitment(genesis, job, &AccountId32(self.worker), &self.salt, &roots)
	}
}

/// Tells one job from another of the same number.
pub fn fingerprint(job: &JobView) -> [u8; 32] {
	use blake2::{digest::consts::U32, Blake2b, Digest};
	let mut hash = Blake2b::<U32>::new();
	hash.update(job.record.client.0);
	hash.update(job.record.program.0);
	hash.update(job.record.submitted.to_le_bytes());
	for tensor in job.inputs.iter().chain(&job.constants) {
		hash.update(tensor.root.0);
	}
	hash.finalize().into()
}

/// The journal.
pub struct Journal {
	db: Database,
	/// Why it cannot be read or written any more.
	failure: watch::Sender<Option<String>>,
}

impl Journal {
	/// Opens the journal in a file, or makes it. Only one process can have it open.
	///
	/// # Errors
	/// If it cannot be opened.
	pub fn open(path: &Path) -> anyhow::Result<Self> {
		let db = Database::create(path).with_context(|| {
			let path = path.display();
			format!("cannot open the journal {path}; does another worker use this data directory?")
		})?;
		let journal = Self { db, failure: watch::Sender::new(None) };
		journal.write(|write| {
			for book in Book::ALL {
				write.open_table(book.table())?;
			}
			write.open_table(META)?;
			Ok(())
		})?;
		Ok(journal)
	}

	/// Waits until something cannot be read or written, and says why. From then on nothing can be until the program is
	/// started again.
	pub async fn failure(&self) -> String {
		let mut failure = self.failure.subscribe();
		let why = failure.wait_for(Option::is_some).await.map(|why| why.clone());
		why.ok().flatten().unwrap_or_default()
	}

	/// Notes that storage fails. An entry that is no entry concerns its job alone.
	fn watched<T>(&self, done: anyhow::Result<T>) -> anyhow::Result<T> {
		if let Err(error) = done.as_ref() {
			if !error.is::<serde_json::Error>() {
				self.failure.send_replace(Some(format!("{error:#}")));
			}
		}
		done
	}

	fn read<T>(
		&self,
		act: impl FnOnce(&ReadTransaction) -> anyhow::Result<T>,
	) -> anyhow::Result<T> {
		self.watched(self.db.begin_read().map_err(Into::into).and_then(|read| act(&read)))
	}

	/// Does all or nothing. It is on disk when this returns.
	fn write<T>(
		&self,
		act: impl FnOnce(&WriteTransaction) -> anyhow::Result<T>,
	) -> anyhow::Result<T> {
		let write = || {
			let write = self.db.begin_write()?;
			let done = act(&write)?;
			write.commit()?;
			anyhow::Ok(done)
		};
		self.watched(write())
	}

	/// Binds a new journal to a chain; gives the genesis hash that it is bound to.
	///
	/// # Errors
	/// If it cannot be read or written.
	pub fn bind(&self, genesis: H256) -> anyhow::Result<H256> {
		self.write(|write| {
			let mut meta = write.open_table(META)?;
			let found = meta.get(GENESIS)?.and_then(|hash| hash.value().try_into().ok());
			if let Some(hash) = found {
				return Ok(H256(hash));
			}
			meta.insert(GENESIS, &genesis.0[..])?;
			Ok(genesis)
		})
	}

	/// The highest finalised height that was noted.
	///
	/// # Errors
	/// If it cannot be read.
	pub fn seen(&self) -> anyhow::Result<u32> {
		self.read(|read| {
			let found = read.open_table(META)?.get(SEEN)?;
			let found = found.and_then(|height| height.value().try_into().ok());
			Ok(found.map_or(0, u32::from_le_bytes))
		})
	}

	/// Notes a finalised height: what a node that is behind it says of jobs is old.
	///
	/// # Errors
	/// If it cannot be written.
	pub fn see(&self, height: u32) -> anyhow::Result<()> {
		if height <= self.seen()? {
			return Ok(());
		}
		self.write(|write| {
			write.open_table(META)?.insert(SEEN, &height.to_le_bytes()[..])?;
			Ok(())
		})
	}

	/// The entry of a job.
	///
	/// # Errors
	/// If it cannot be read.
	pub fn get(&self, book: Book, job: u64) -> anyhow::Result<Option<Entry>> {
		self.read(|read| {
			let found = read.open_table(book.table())?.get(job)?;
			found.map(|bytes| Ok(serde_json::from_slice(bytes.value())?)).transpose()
		})
	}

	/// All entries.
	///
	/// # Errors
	/// If they cannot be read.
	pub fn all(&self, book: Book) -> anyhow::Result<Vec<(u64, Entry)>> {
		self.read(|read| {
			let mut entries = Vec::new();
			for row in read.open_table(book.table())?.iter()? {
				let (job, bytes) = row?;
				entries.push((job.value(), serde_json::from_slice(bytes.value())?));
			}
			Ok(entries)
		})
	}

	/// Writes an entry unless the same job has one; gives the one that holds. It is on disk when this returns.
	///
	/// # Errors
	/// If it cannot be written: then nothing may be signed.
	pub fn write_once(&self, book: Book, job: u64, entry: Entry) -> anyhow::Result<Entry> {
		self.write(|write| {
			let mut jobs = write.open_table(book.table())?;
			let found: Option<Entry> =
				jobs.get(job)?.map(|bytes| serde_json::from_slice(bytes.value())).transpose()?;
			if let Some(found) = found.filter(|found| found.fingerprint == entry.fingerprint) {
				return Ok(found);
			}
			jobs.insert(job, &serde_json::to_vec(&entry)?[..])?;
			Ok(entry)
		})
	}

	/// Binds another worker key to what an entry holds, once its owner has put that key in the place of the former one;
	/// gives the entry as it is now. Salt and roots stay, so there is still only one reveal. It is on disk when this
	/// returns.
	///
	/// # Errors
	/// If it cannot be written: then nothing may be signed.
	pub fn rebind(
		&self,
		book: Book,
		job: u64,
		entry: Entry,
		worker: [u8; 32],
	) -> anyhow::Result<Entry> {
		if entry.worker == worker {
			return Ok(entry);
		}
		let entry = Entry { worker, ..entry };
		self.write(|write| {
			write.open_table(book.table())?.insert(job, &serde_json::to_vec(&entry)?[..])?;
			Ok(())
		})?;
		Ok(entry)
	}

	/// Notes that a result is public, or that its job has ended; what binds the worker stays as it is.
	///
	/// # Errors
	/// If it cannot be written.
	pub fn note(
		&self,
		book: Book,
		job: u64,
		public: bool,
		ended: Option<u32>,
	) -> anyhow::Result<()> {
		self.change(book, job, |entry| {
			entry.public |= public;
			entry.ended = entry.ended.or(ended);
		})
	}

	/// Takes back that a job has ended: it is ours again, or whoever said so was behind.
	///
	/// # Errors
	/// If it cannot be written.
	pub fn revive(&self, book: Book, job: u64) -> anyhow::Result<()> {
		self.change(book, job, |entry| entry.ended = None)
	}

	/// Changes an entry, if there is one.
	fn change(&self, book: Book, job: u64, change: impl FnOnce(&mut Entry)) -> anyhow::Result<()> {
		self.write(|write| {
			let mut jobs = write.open_table(book.table())?;
			let found = jobs.get(job)?.map(|bytes| bytes.value().to_vec());
			if let Some(bytes) = found {
				let mut entry: Entry = serde_json::from_slice(&bytes)?;
				change(&mut entry);
				jobs.insert(job, &serde_json::to_vec(&entry)?[..])?;
			}
			Ok(())
		})
	}

	/// Forgets a job that has ended.
	///
	/// # Errors
	/// If it cannot be written.
	pub fn forget(&self, book: Book, job: u64) -> anyhow::Result<()> {
		self.write(|write| {
			write.open_table(book.table())?.remove(job)?;
			Ok(())
		})
	}
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;

	pub fn entry(salt: u8) -> Entry {
		Entry {
			fingerprint: [1; 32],
			client: [2; 32],
			salt: [salt; 32],
			worker: [3; 32],
			output_roots: vec![[4; 32]],
			operand_roots: vec![[5; 32]],
			public: false,
			ended: None,
		}
	}

	#[test]
	fn the_first_entry_holds_also_after_reopening() {
		let dir = tempfile::tempdir().unwrap();
		let path = dir.path().join("journal");
		let first = Journal::open(&path).unwrap().write_once(Book::Jobs, 7, entry(1)).unwrap();
		let journal = Journal::open(&path).unwrap();
		assert_eq!(journal.get(Book::Jobs, 7).unwrap().unwrap(), first);
		assert_eq!(
			journal.write_once(Book::Jobs, 7, entry(2)).unwrap(),
			first,
			"never a second salt"
		);
		assert_eq!(journal.get(Book::Jobs, 8).unwrap(), None);
	}

	#[test]
	fn each_role_has_its_own_entry() {
		let dir = tempfile::tempdir().unwrap();
		let journal = Journal::open(&dir.path().join("journal")).unwrap();
		for (salt, book) in (1..).zip(Book::ALL) {
			journal.write_once(book, 7, entry(salt)).unwrap();
		}
		journal.forget(Book::Jobs, 7).unwrap();
		assert_eq!(journal.get(Book::Audits, 7).unwrap(), Some(entry(2)));
		assert_eq!(journal.get(Book::Jobs, 7).unwrap(), None);
		assert_eq!((Book::of_own(7), Book::of_own(1 << 63)), (Book::Jobs, Book::Proofs));
	}

	#[test]
	fn what_was_not_committed_is_not_there() {
		let dir = tempfile::tempdir().unwrap();
		let path = dir.path().join("journal");
		{
			let journal = Journal::open(&path).unwrap();
			let write = journal.db.begin_write().unwrap();
			write.open_table(Book::Jobs.table()).unwrap().insert(7, &b"half an entry"[..]).unwrap();
			// Dropped without commit, as a crash would.
		}
		assert_eq!(Journal::open(&path).unwrap().get(Book::Jobs, 7).unwrap(), None);
	}

	#[test]
	fn another_job_of_the_same_number_gets_its_own_entry() {
		let dir = tempfile::tempdir().unwrap();
		let journal = Journal::open(&dir.path().join("journal")).unwrap();
		journal.write_once(Book::Jobs, 7, entry(1)).unwrap();
		let other = Entry { fingerprint: [9; 32], ..entry(2) };
		assert_eq!(journal.write_once(Book::Jobs, 7, other.clone()).unwrap(), other);
	}

	#[test]
	fn another_key_is_bound_to_the_same_reveal() {
		let dir = tempfile::tempdir().unwrap();
		let journal = Journal::open(&dir.path().join("journal")).unwrap();
		let first = journal.write_once(Book::Jobs, 7, entry(1)).unwrap();
		assert_eq!(journal.rebind(Book::Jobs, 7, first.clone(), first.worker).unwrap(), first);
		let second = journal.rebind(Book::Jobs, 7, first.clone(), [8; 32]).unwrap();
		assert_eq!(second, Entry { worker: [8; 32], ..first.clone() });
		assert_eq!(journal.get(Book::Jobs, 7).unwrap().unwrap(), second);
		let genesis = H256([9; 32]);
		assert_ne!(second.commitment(&genesis, 7), first.commitment(&genesis, 7));
	}

	#[test]
	fn notes_leave_what_binds() {
		let dir = tempfile::tempdir().unwrap();
		let journal = Journal::open(&dir.path().join("journal")).unwrap();
		journal.write_once(Book::Jobs, 7, entry(1)).unwrap();
		journal.note(Book::Jobs, 7, true, None).unwrap();
		journal.note(Book::Jobs, 7, false, Some(50)).unwrap();
		journal.note(Book::Jobs, 7, false, Some(60)).unwrap();
		let expected = Entry { public: true, ended: Some(50), ..entry(1) };
		assert_eq!(journal.all(Book::Jobs).unwrap(), [(7, expected)]);
		journal.forget(Book::Jobs, 7).unwrap();
		assert!(journal.all(Book::Jobs).unwrap().is_empty());
	}

	#[test]
	fn what_lives_again_has_not_ended() {
		let dir = tempfile::tempdir().unwrap();
		let journal = Journal::open(&dir.path().join("journal")).unwrap();
		let bound = Entry { public: true, ..entry(1) };
		journal.write_once(Book::Jobs, 7, bound.clone()).unwrap();
		journal.note(Book::Jobs, 7, false, Some(50)).unwrap();
		journal.revive(Book::Jobs, 7).unwrap();
		journal.revive(Book::Jobs, 8).unwrap();
		assert_eq!(journal.all(Book::Jobs).unwrap(), [(7, bound)]);
	}

	#[test]
	fn the_highest_height_is_kept() {
		let dir = tempfile::tempdir().unwrap();
		let path = dir.path().join("journal");
		let journal = Journal::open(&path).unwrap();
		assert_eq!(journal.seen().unwrap(), 0);
		journal.see(300).unwrap();
		journal.see(299).unwrap();
		drop(journal);
		assert_eq!(Journal::open(&path).unwrap().seen().unwrap(), 300);
	}

	#[tokio::test]
	async fn what_storage_refuses_is_known_to_all_and_a_broken_entry_is_not_its_fault() {
		let dir = tempfile::tempdir().unwrap();
		let journal = Journal::open(&dir.path().join("journal")).unwrap();
		let broken = journal.write(|write| {
			write.open_table(Book::Jobs.table())?.insert(7, &b"half an entry"[..])?;
			Ok(())
		});
		assert!(broken.is_ok() && journal.get(Book::Jobs, 7).is_err());
		assert_eq!(*journal.failure.borrow(), None);
		let full: anyhow::Result<()> = journal.write(|_| anyhow::bail!("no space left"));
		assert!(full.is_err());
		assert_eq!(journal.failure().await, "no space left");
	}

	#[test]
	fn a_journal_belongs_to_one_chain() {
		let dir = tempfile::tempdir().unwrap();
		let journal = Journal::open(&dir.path().join("journal")).unwrap();
		assert_eq!(journal.bind(H256([1; 32])).unwrap(), H256([1; 32]));
		assert_eq!(journal.bind(H256([2; 32])).unwrap(), H256([1; 32]));
	}
}
