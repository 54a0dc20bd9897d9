//! Argon2id on its own threads, behind a short queue.
//!
//! It does not run on the request threads, since a hash takes about 20 ms of a core. There is a fixed number of
//! threads, and each keeps its 19 MiB: a fresh allocation per hash would leave hundreds of MiB in the allocator after
//! a flood. The queue is bounded, so that a flood of logins is told to come back later instead of making everybody
//! wait (OWASP ASVS 15.2.2). The threads have the lowest priority, so that the flood leaves the processor to users
//! who are already signed in.

use crate::causes::{Cause, with_causes};
use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::phc::{Output, ParamsString, Salt},
};
use aws_lc_rs::{constant_time, rand};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};
use tokio::sync::{Semaphore, oneshot};
use zeroize::Zeroizing;

/// How many passwords may wait per thread while all are busy: about a second's work.
const QUEUE_PER_THREAD: usize = 48;
/// The niceness of the hashing threads: the maximum.
const NICE: i32 = 19;
/// OWASP's floor: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT_BYTES: usize = 32;

/// A password hasher. Dropping it ends its threads.
pub struct Hasher {
    queue: SyncSender<Job>,
    /// A hash of a random password that nobody knows. It is checked if the account does not exist, so that a login
    /// takes the same time either way.
    decoy: String,
    /// Only one old hash at a time is renewed: the queue is for users who wait for an answer.
    renewals: Semaphore,
}

/// Work for a thread, which passes it the memory that it keeps.
type Job = Box<dyn FnOnce(&mut Vec<Block>) + Send>;

/// Why a password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many passwords wait already.
    #[error("the password queue is full")]
    Full,
    /// A stored hash can't be read, or there is no memory.
    #[error("the password can't be hashed")]
    Failed(#[source] Cause),
}

impl HashError {
    pub(super) fn failed(cause: impl Into<Cause>) -> Self {
        Self::Failed(cause.into())
    }
}

impl Hasher {
    /// Starts a hasher with `threads` threads.
    ///
    /// # Errors
    /// There is not enough memory, or no thread can be started.
    pub fn start(threads: usize) -> Result<Self, HashError> {
        let (queue, jobs) = sync_channel(threads * QUEUE_PER_THREAD);
        let jobs = Arc::new(Mutex::new(jobs));
        for index in 0..threads {
            let jobs = Arc::clone(&jobs);
            thread::Builder::new()
                .name(format!("argon2-{index}"))
                .spawn(move || {
                    // If one thread is refused, all are, so it is logged once.
                    if let (Err(error), 0) = (yield_to_all(), index) {
                        tracing::warn!(event = "hasher_priority_refused", error = %with_causes(&error));
                    }
                    serve(&jobs);
                })
                .map_err(HashError::failed)?;
        }
        let mut nobody = [0; 32];
        rand::fill(&mut nobody).map_err(HashError::failed)?;
        let decoy = hash(&nobody, &mut Vec::new())?;
        Ok(Self { queue, decoy, renewals: Semaphore::new(1) })
    }

    /// Hashes a new password to a PHC string.
    ///
    /// # Errors
    /// See [`HashError`].
    pub async fn hash(&self, password: &str) -> Result<String, HashError> {
        let password = normalized(password);
        self.submit(move |blocks| hash(&password, blocks)).await
    }

    /// Returns whether `password` matches the hash `stored`. Without a stored hash, returns `false` after the same
    /// time.
    ///
    /// # Errors
    /// See [`HashError`].
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, HashError> {
        let (password, against) = (normalized(password), stored.unwrap_or(&self.decoy).to_owned());
        let matches = self.submit(move |blocks| verify(&password, &against, blocks)).await?;
        Ok(matches && stored.is_some())
    }

    /// Rehashes a password whose hash [`is_outdated`]. Returns `None` if the hasher is busy: the next sign-in will
    /// do.
    pub async fn renew(&self, password: &str) -> Option<String> {
        let _only = self.renewals.try_acquire().ok()?;
        self.hash(password).await.ok()
    }

    /// Has a thread do the work. The work is skipped if nobody waits for the answer any more.
    async fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let (answer, done) = oneshot::channel();
        let job: Job = Box::new(move |blocks| {
            if !answer.is_closed() {
                let _ = answer.send(work(blocks));
            }
        });
        self.queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => HashError::Full,
            TrySendError::Disconnected(_) => HashError::failed("no thread is left"),
        })?;
        done.await.map_err(|_| HashError::failed("the thread panicked"))?
    }
}

fn normalized(password: &str) -> Zeroizing<Vec<u8>> {
    crate::rules::password::normalize(password).into_bytes().into()
}

/// Lowers this thread's priority. On systems other than Linux, this would lower the whole process's.
fn yield_to_all() -> std::io::Result<()> {
    if cfg!(target_os = "linux") {
        rustix::process::nice(NICE)?;
    }
    Ok(())
}

/// Whether the hash was made with less work than today's hashes.
pub fn is_outdated(stored: &str) -> bool {
    let params = PasswordHash::new(stored).ok().and_then(|stored| Params::try_from(&stored).ok());
    params.is_none_or(|params| params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES || params.p_cost() < LANES)
}

/// Does one job after the other. A job that panics fails alone: the thread goes on with fresh memory.
fn serve(jobs: &Mutex<Receiver<Job>>) {
    // Allocated at the first password, and kept.
    let mut blocks = Vec::new();
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else {
            return;
        };
        if catch_unwind(AssertUnwindSafe(|| job(&mut blocks))).is_err() {
            tracing::error!(event = "hashing_panicked");
            blocks = Vec::new();
        }
    }
}

/// Returns as much of the thread's memory as these parameters need, growing it if necessary.
fn memory<'a>(params: &Params, blocks: &'a mut Vec<Block>) -> Result<&'a mut [Block], HashError> {
    let needed = params.block_count();
    if blocks.len() < needed {
        // A failed allocation would abort the process.
        blocks.try_reserve_exact(needed - blocks.len()).map_err(HashError::failed)?;
        blocks.resize(needed, Block::default());
    }
    Ok(&mut blocks[..needed])
}

fn argon2(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &[u8], blocks: &mut Vec<Block>) -> Result<String, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_BYTES)).map_err(HashError::failed)?;
    let mut salt = [0; 16];
    rand::fill(&mut salt).map_err(HashError::failed)?;
    let mut out = [0; OUTPUT_BYTES];
    argon2(params.clone())
        .hash_password_into_with_memory(password, &salt, &mut out, memory(&params, blocks)?)
        .map_err(HashError::failed)?;
    let phc = PasswordHash {
        algorithm: argon2::ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(HashError::failed)?,
        salt: Some(Salt::new(&salt).map_err(HashError::failed)?),
        hash: Some(Output::new(&out).map_err(HashError::failed)?),
    };
    Ok(phc.to_string())
}

/// Verifies with the parameters of the stored hash, whatever today's are.
fn verify(password: &[u8], stored: &str, blocks: &mut Vec<Block>) -> Result<bool, HashError> {
    let stored = PasswordHash::new(stored).map_err(HashError::failed)?;
    let params = Params::try_from(&stored).map_err(HashError::failed)?;
    let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else {
        return Err(HashError::failed("the stored hash has no salt or no hash"));
    };
    let mut out = vec![0; expected.len()];
    argon2(params.clone())
        .hash_password_into_with_memory(password, salt.as_ref(), &mut out, memory(&params, blocks)?)
        .map_err(HashError::failed)?;
    Ok(constant_time::verify_slices_are_equal(&out, expected.as_bytes()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_and_no_other() {
        let hasher = Hasher::start(1).expect("threads");
        let stored = hasher.hash("correct horse").await.expect("hashed");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(hasher.verify("correct horse", Some(&stored)).await.expect("verified"));
        for wrong in ["Correct horse", "correct horse ", "", "correct hors"] {
            assert!(!hasher.verify(wrong, Some(&stored)).await.expect("verified"));
        }
        assert!(!hasher.verify("correct horse", None).await.expect("verified"));
        assert_ne!(hasher.hash("correct horse").await.expect("hashed"), stored, "every hash has its own salt");
    }

    #[tokio::test]
    async fn an_accent_is_one_however_it_was_typed() {
        let hasher = Hasher::start(1).expect("threads");
        let stored = hasher.hash("caf\u{e9} au lait").await.expect("hashed");
        assert!(hasher.verify("cafe\u{301} au lait", Some(&stored)).await.expect("verified"));
    }

    #[tokio::test]
    async fn a_hash_with_less_work_in_it_is_outdated() {
        let hasher = Hasher::start(1).expect("threads");
        let today = hasher.hash("correct horse").await.expect("hashed");
        for (params, outdated) in [
            ("m=19456,t=2,p=1", false),
            ("m=65536,t=3,p=1", false),
            ("m=19455,t=2,p=1", true),
            ("m=65536,t=1,p=1", true),
        ] {
            assert_eq!(is_outdated(&today.replace("m=19456,t=2,p=1", params)), outdated, "{params}");
        }
    }

    #[tokio::test]
    async fn one_at_a_time_is_made_anew() {
        let hasher = Hasher::start(1).expect("threads");
        let renewed = futures::future::join_all((0..10).map(|_| hasher.renew("correct horse"))).await;
        let renewed: Vec<_> = renewed.iter().flatten().collect();
        assert_eq!(renewed.len(), 1);
        assert!(hasher.verify("correct horse", Some(renewed[0])).await.expect("verified"));
        assert!(hasher.renew("correct horse").await.is_some(), "and then the next");
    }

    #[tokio::test]
    async fn a_panic_fails_one_password_and_the_thread_goes_on() {
        let hasher = Hasher::start(1).expect("threads");
        for _ in 0..3 {
            let panicked = hasher.submit::<()>(|_| panic!("as a mistake in a library would")).await;
            assert!(matches!(panicked, Err(HashError::Failed(_))));
        }
        let stored = hasher.hash("correct horse").await.expect("hashed");
        assert!(hasher.verify("correct horse", Some(&stored)).await.expect("verified"));
    }

    #[tokio::test]
    async fn a_hash_that_asks_for_all_the_memory_there_is_fails_alone() {
        let hasher = Hasher::start(1).expect("threads");
        let stored = hasher.hash("correct horse").await.expect("hashed");
        let greedy = stored.replace("m=19456", "m=4294967295");
        assert!(matches!(hasher.verify("correct horse", Some(&greedy)).await, Err(HashError::Failed(_))));
        assert!(hasher.verify("correct horse", Some(&stored)).await.expect("verified"));
    }

    #[tokio::test]
    async fn a_full_queue_says_so() {
        let hasher = Hasher::start(1).expect("threads");
        let many = (0..QUEUE_PER_THREAD * 2).map(|_| hasher.verify("x", None));
        let answers = futures::future::join_all(many).await;
        assert!(answers.iter().any(|answer| matches!(answer, Err(HashError::Full))));
        assert!(answers.iter().any(|answer| matches!(answer, Ok(false))));
    }
}
