//! The compiler cache that machines share, in one run: chosen and asked once, watched while it is used, and what becomes of
//! it said once.

use super::Options;
use crate::error::Coded;
use crate::session::Session;
use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use exec::ccache::Hits;
use exec::environment::variable;
use exec::remote_cache::{CREDENTIALS, Remote, SCCACHE, Silence, ask};
use fs_err::os::unix::fs::OpenOptionsExt;
use model::compiler_cache::{Login, RemoteCache, RemoteUse, remote_use};
use model::event::Event;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// How long it may take to answer before anything is compiled.
pub const PATIENCE: Duration = Duration::from_secs(1);
/// While it is used: how often it is asked, and how long an answer may take. Both together are less than a second.
const PERIOD: Duration = Duration::from_millis(200);
const ANSWER: Duration = Duration::from_millis(700);

/// Which one is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SharedChoice {
    /// That of `backend/variants.yaml`.
    #[default]
    OfManifest,
    /// This one.
    At(RemoteCache),
    /// None.
    Off,
}

/// The cache of one run.
#[derive(Debug)]
pub struct SharedCache<'a> {
    session: &'a Session,
    /// It, if there is one; why it is not used.
    candidate: Result<Option<Remote>, String>,
    /// It, if it answered.
    asked: OnceLock<Option<Remote>>,
    /// What ccache reads each time that it is called: what is gone from it is not waited for.
    settings: Utf8PathBuf,
    is_written: OnceLock<bool>,
    said: Mutex<BTreeSet<String>>,
    has_ended: Mutex<bool>,
    ending: Condvar,
}

impl<'a> SharedCache<'a> {
    /// The one that `options` mean; its settings are kept in `dir`.
    pub fn new(session: &'a Session, options: &Options, dir: &Utf8Path) -> Result<Self> {
        Ok(Self {
            session,
            candidate: candidate(session, options)?,
            asked: OnceLock::new(),
            settings: dir.join("ccache.conf"),
            is_written: OnceLock::new(),
            said: Mutex::default(),
            has_ended: Mutex::new(false),
            ending: Condvar::new(),
        })
    }

    /// It, if it is used and answers. It is asked when first something is compiled.
    fn remote(&self) -> Option<&Remote> {
        let ask = || match &self.candidate {
            Ok(None) => None,
            Err(why) => {
                self.session.ui.note(why);
                None
            }
            Ok(Some(remote)) => match ask(remote, PATIENCE) {
                Ok(()) => Some(remote.clone()),
                Err(silence) => {
                    self.session.ui.warn(&format!("{}; building without it", away(remote, &silence)));
                    None
                }
            },
        };
        self.asked.get_or_init(ask).as_ref()
    }

    /// What ccache is told in a container, in one line that may hold a password.
    pub fn ccache(&self) -> Option<String> {
        let remote = self.remote()?;
        let told = remote.ccache();
        if told.is_none() {
            self.say(&format!("ccache does not speak to {remote}: only `--compiler-cache sccache` does"));
        }
        told
    }

    /// The file of settings that ccache reads on this machine.
    pub fn ccache_settings(&self) -> Option<&Utf8Path> {
        let told = self.ccache()?;
        let write = || match self.write(Some(&told)) {
            Ok(()) => true,
            Err(error) => {
                self.session.ui.warn(&format!("the shared compiler cache is not used: {error}"));
                false
            }
        };
        self.is_written.get_or_init(write).then_some(&self.settings)
    }

    /// The variables of a server of sccache that says to be of this version.
    pub fn sccache(&self, version: &str) -> Option<BTreeMap<String, String>> {
        let remote = self.remote()?;
        let numbers = version.trim().trim_start_matches("sccache ").split('.');
        let mut numbers = numbers.map(|part| part.parse::<u32>().unwrap_or(0));
        if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < SCCACHE {
            let (major, minor) = SCCACHE;
            self.say(&format!(
                "{remote} is not used: sccache must be {major}.{minor} or newer for it, and is {version}"
            ));
            return None;
        }
        let told = remote.sccache(variable);
        if told.is_none() {
            self.say(&format!("sccache does not speak to {remote} as ccache does, and it is not used"));
        }
        told
    }

    /// Says that a step cannot reach it.
    pub fn is_out_of_reach(&self, unit: &impl std::fmt::Display) {
        if let Some(remote) = self.remote() {
            self.say(&format!("{unit}: its own steps reach no network, and so not {remote} either"));
        }
    }

    /// Says what of a build in a container did not reach it.
    pub fn account(&self, hits: Hits) {
        let Some(remote) = self.remote().filter(|_| hits.unreached > 0) else { return };
        let is_own = remote
            .place
            .server()
            .is_some_and(|server| server.host == "localhost" || server.host.starts_with("127."));
        let why = if is_own {
            ": inside of a container that address is the container itself; name one that the builder reaches, or give the \
             builder the host's network"
        } else {
            ""
        };
        self.say(&format!("{} of {} compilations did not reach {remote}{why}", hits.unreached, hits.total()));
    }

    /// Looks after what ccache uses while `work` is done, however that ends.
    pub fn watched<R>(&self, work: impl FnOnce() -> R) -> R {
        std::thread::scope(|scope| {
            scope.spawn(|| self.watch());
            let _ending = Ending(self);
            work()
        })
    }

    /// Takes from ccache's settings what stops answering, and puts it back when it answers, until the [end](Ending):
    /// otherwise every call would wait for it.
    fn watch(&self) {
        let mut is_there = true;
        while self.goes_on() {
            let Some(remote) = self.asked.get().and_then(Option::as_ref) else { continue };
            if self.is_written.get() != Some(&true) {
                continue;
            }
            let settings = match ask(remote, ANSWER) {
                Err(Silence::Stopped(_)) => return,
                Ok(()) if is_there => continue,
                Err(_) if !is_there => continue,
                Ok(()) => {
                    self.session.ui.detail(&format!("{remote} answers again"));
                    remote.ccache()
                }
                Err(silence) => {
                    self.warn(&format!("{}; going on without it", away(remote, &silence)), remote);
                    None
                }
            };
            is_there = settings.is_some();
            if let Err(error) = self.write(settings.as_deref()) {
                self.session.ui.detail(&format!("cannot write {}: {error}", self.settings));
            }
        }
    }

    fn goes_on(&self) -> bool {
        let has_ended = self.has_ended.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.ending.wait_timeout_while(has_ended, PERIOD, |ended| !*ended);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Says something once.
    fn say(&self, text: &str) {
        if self.is_new(text) {
            self.session.ui.warn(text);
        }
    }

    /// A loss is said once, however often it happens.
    fn warn(&self, text: &str, remote: &Remote) {
        if self.is_new(&remote.to_string()) {
            self.session.ui.warn(text);
        } else {
            self.session.ui.detail(text);
        }
    }

    fn is_new(&self, text: &str) -> bool {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned())
    }

    /// Whole or not at all, and for nobody else to read.
    fn write(&self, told: Option<&str>) -> std::io::Result<()> {
        let text = told.map_or_else(String::new, |told| {
            // Under its name before 4.7 as well; what one does not know, it passes over.
            format!("secondary_storage = {told}\nremote_storage = {told}\n")
        });
        let beside = self.settings.with_extension("new");
        let mut file =
            fs_err::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(text.as_bytes())?;
        fs_err::rename(&beside, &self.settings)
    }
}

/// Ends the watch when it goes, so that a panic beside it is not waited for.
struct Ending<'c, 'a>(&'c SharedCache<'a>);

impl Drop for Ending<'_, '_> {
    fn drop(&mut self) {
        *self.0.has_ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.ending.notify_all();
    }
}

fn away(remote: &Remote, silence: &Silence) -> String {
    format!("the shared compiler cache {remote} does not answer: {silence}")
}

fn candidate(session: &Session, options: &Options) -> Result<Result<Option<Remote>, String>> {
    let row = session.manifests.compiler_cache.as_ref();
    let place = match &options.shared_cache {
        SharedChoice::Off => None,
        SharedChoice::At(place) => Some(place),
        SharedChoice::OfManifest => row.map(|row| &row.remote),
    };
    let Some(place) = place.filter(|_| !session.offline) else { return Ok(Ok(None)) };
    // The manifest's word is about the manifest's cache.
    let trusted = row.is_some_and(|row| row.trusted && row.remote == *place);
    let event = Event::read(&exec::event::capture());
    let read_only = match remote_use(&event, options.containers.pushes(), trusted) {
        RemoteUse::ReadWrite => false,
        RemoteUse::ReadOnly => true,
        RemoteUse::None => {
            return Ok(Err(format!(
                "{place} is not used: this is published, and whoever may write there could have put anything into it; \
                 `compiler-cache: {{ trusted: true }}` in backend/variants.yaml says that they are trusted"
            )));
        }
    };
    Ok(Ok(Some(Remote { place: place.clone(), login: login(session, place)?, read_only })))
}

/// Who we are to it, as the environment says.
pub fn login(session: &Session, place: &RemoteCache) -> Result<Option<Login>> {
    let Some(text) = variable(CREDENTIALS) else { return Ok(None) };
    let login = Login::parse(&text).map_err(|error| Coded::Usage(format!("{CREDENTIALS}: {error}")))?;
    if !login.is_for(place) {
        session.ui.note(&format!("{CREDENTIALS} is for another server, and not told to {place}"));
        return Ok(None);
    }
    Ok(Some(login))
}
