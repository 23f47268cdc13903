// SPDX-License-Identifier: Apache-2.0
//! What the worker has bound itself to, on disk before the chain hears of it.
//!
//! A worker that committed to one result and then computed, salted or signed another would lose its stake; so the entry
//! is written and synced before the commit is signed, and salt and roots are never replaced while the job is the same. It is
//! kept in three books, since the same job can be run in two roles: as its worker, or as its auditor.

use anyhow::Context;
use calor_client::{messages, types::JobView, AccountId32, CAPACITY_JOBS, H256};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};
use std::path::Path;

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

/// What is known of one job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
	/// What the job is, so that a job of the same number on a chain that began anew is not taken for it.
	pub fingerprint: [u8; 32],
	/// The account that may fetch before the reveal.
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
		let write = db.begin_write()?;
		for book in Book::ALL {
			write.open_table(book.table())?;
		}
		write.open_table(META)?;
		write.commit()?;
		Ok(Self { db })
	}

	/// Binds a new journal to a chain; gives the genesis hash that it is bound to.
	///
	/// # Errors
	/// If it cannot be read or written.
	pub fn bind(&self, genesis: H256) -> anyhow::Result<H256> {
		let write = self.db.begin_write()?;
		let bound = {
			let mut meta = write.open_table(META)?;
			let found = meta.get(GENESIS)?.and_then(|hash| hash.value().try_into().ok());
			match found {
				Some(hash) => H256(hash),
				None => {
					meta.insert(GENESIS, &genesis.0[..])?;
					genesis
				},
			}
		};
		write.commit()?;
		Ok(bound)
	}

	/// The highest finalised height that was noted.
	///
	/// # Errors
	/// If it cannot be read.
	pub fn seen(&self) -> anyhow::Result<u32> {
		let read = self.db.begin_read()?;
		let found = read.open_table(META)?.get(SEEN)?;
		let found = found.and_then(|height| height.value().try_into().ok());
		Ok(found.map_or(0, u32::from_le_bytes))
	}

	/// Notes a finalised height: what a node that is behind it says of jobs is old.
	///
	/// # Errors
	/// If it cannot be written.
	pub fn see(&self, height: u32) -> anyhow::Result<()> {
		if height <= self.seen()? {
			return Ok(());
		}
		let write = self.db.begin_write()?;
		write.open_table(META)?.insert(SEEN, &height.to_le_bytes()[..])?;
		Ok(write.commit()?)
	}

	/// The entry of a job.
	///
	/// # Errors
	/// If it cannot be read.
	pub fn get(&self, book: Book, job: u64) -> anyhow::Result<Option<Entry>> {
		let read = self.db.begin_read()?;
		let found = read.open_table(book.table())?.get(job)?;
		found.map(|bytes| Ok(serde_json::from_slice(bytes.value())?)).transpose()
	}

	/// All entries.
	///
	/// # Errors
	/// If they cannot be read.
	pub fn all(&self, book: Book) -> anyhow::Result<Vec<(u64, Entry)>> {
		let read = self.db.begin_read()?;
		let mut entries = Vec::new();
		for row in read.open_table(book.table())?.iter()? {
			let (job, bytes) = row?;
			entries.push((job.value(), serde_json::from_slice(bytes.value())?));
		}
		Ok(entries)
	}

	/// Writes an entry unless the same job has one; gives the one that holds. It is on disk when this returns.
	///
	/// # Errors
	/// If it cannot be written: then nothing may be signed.
	pub fn write_once(&self, book: Book, job: u64, entry: Entry) -> anyhow::Result<Entry> {
		let write = self.db.begin_write()?;
		let holds = {
			let mut jobs = write.open_table(book.table())?;
			let found: Option<Entry> =
				jobs.get(job)?.map(|bytes| serde_json::from_slice(bytes.value())).transpose()?;
			match found.filter(|found| found.fingerprint == entry.fingerprint) {
				Some(found) => found,
				None => {
					jobs.insert(job, &serde_json::to_vec(&entry)?[..])?;
					entry
				},
			}
		};
		write.commit()?;
		Ok(holds)
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
		let write = self.db.begin_write()?;
		write.open_table(book.table())?.insert(job, &serde_json::to_vec(&entry)?[..])?;
		write.commit()?;
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
		let write = self.db.begin_write()?;
		{
			let mut jobs = write.open_table(book.table())?;
			let found = jobs.get(job)?.map(|bytes| bytes.value().to_vec());
			if let Some(bytes) = found {
				let mut entry: Entry = serde_json::from_slice(&bytes)?;
				entry.public |= public;
				entry.ended = entry.ended.or(ended);
				jobs.insert(job, &serde_json::to_vec(&entry)?[..])?;
			}
		}
		Ok(write.commit()?)
	}

	/// Takes back that a job has ended: the chain has it as ours again, or had not shown all to whom said so.
	///
	/// # Errors
	/// If it cannot be written.
	pub fn revive(&self, book: Book, job: u64) -> anyhow::Result<()> {
		let write = self.db.begin_write()?;
		{
			let mut jobs = write.open_table(book.table())?;
			let found = jobs.get(job)?.map(|bytes| bytes.value().to_vec());
			if let Some(bytes) = found {
				let entry: Entry = serde_json::from_slice(&bytes)?;
				let entry = Entry { ended: None, ..entry };
				jobs.insert(job, &serde_json::to_vec(&entry)?[..])?;
			}
		}
		Ok(write.commit()?)
	}

	/// Forgets a job that has ended.
	///
	/// # Errors
	/// If it cannot be written.
	pub fn forget(&self, book: Book, job: u64) -> anyhow::Result<()> {
		let write = self.db.begin_write()?;
		write.open_table(book.table())?.remove(job)?;
		Ok(write.commit()?)
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

	#[test]
	fn a_journal_belongs_to_one_chain() {
		let dir = tempfile::tempdir().unwrap();
		let journal = Journal::open(&dir.path().join("journal")).unwrap();
		assert_eq!(journal.bind(H256([1; 32])).unwrap(), H256([1; 32]));
		assert_eq!(journal.bind(H256([2; 32])).unwrap(), H256([1; 32]));
	}
}
