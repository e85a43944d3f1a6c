//! Runs the steps of one plan natively.

use super::timings::Timings;
use super::{Keyed, SharedCache, Snapshot, copy, guard};
use crate::error::Coded;
use crate::session::Session;
use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use exec::environment::Sealed;
use exec::fence::Fence;
use exec::places::Places;
use exec::run::RunError;
use exec::sccache::{self, Server};
use model::arg::Arg;
use model::name::Label;
use model::script::Network;
use plan::cmd::{Cmd, Weight};
use plan::step::{Action, Step};
use plan::{Fact, Plan};
use std::collections::BTreeSet;
use store::shared::Lease;

/// What units of one run share, as far as their steps need it.
pub struct With<'a> {
    /// `MAKEFLAGS` of the shared jobserver, if every builder here can take part in it.
    pub makeflags: Option<String>,
    /// Whether an undeclared input fails the build.
    pub strict: bool,
    /// Spans of all units.
    pub timings: &'a Timings,
    /// The compiler cache that machines share, where it counts.
    pub cache: Option<&'a SharedCache<'a>>,
}

/// By this ccache learns where its settings are.
const CCACHE_SETTINGS: &str = "CCACHE_CONFIGPATH";

/// Everything that a unit's steps share.
pub struct NativeRun<'a> {
    /// The run.
    pub session: &'a Session,
    /// The unit.
    pub keyed: &'a Keyed,
    /// Its directories.
    pub places: Places,
    /// Where its logs go.
    pub logs: Utf8PathBuf,
    /// What it shares with other units.
    with: With<'a>,
    /// What the commands see of this machine.
    sealed: Sealed,
    /// What of the checkout they may read.
    snapshot: &'a Snapshot<'a>,
    /// Whether shared trees are read through links beside the build directories.
    links: bool,
    /// What compiles for sccache's clients, where that was chosen.
    pub sccache: Option<Server>,
    /// What scripts of backends run behind.
    fence: Option<Fence>,
    /// What keeps the sources there.
    pub sources: Vec<Lease>,
    /// Directories that inputs were staged into.
    staged: Vec<Utf8PathBuf>,
    /// What was staged.
    declared: BTreeSet<Utf8PathBuf>,
    /// Files that were read without being declared, outside strict mode.
    pub undeclared: Vec<Utf8PathBuf>,
    /// Names of settings that CMake has read.
    read: BTreeSet<String>,
}

impl<'a> NativeRun<'a> {
    /// A bench that works beside the snapshot.
    pub fn new(
        session: &'a Session,
        snapshot: &'a Snapshot<'a>,
        mut places: Places,
        logs: Utf8PathBuf,
        with: With<'a>,
    ) -> Result<Self> {
        let keyed = snapshot.keyed;
        remove(&logs)?;
        fs_err::create_dir_all(&logs)?;
        fs_err::create_dir_all(&places.out)?;
        let sealed = session.seal(&places.work);
        sealed.make()?;
        session.programs()?.link(tools(&keyed.plan), &places.work.join("programs"))?;
        exec::places::without_settings(&places)?;
        fs_err::create_dir_all(places.builds())?;
        // sccache makes no path relative: it shares what stands at one path in every build.
        let links = cache_dir(&keyed.plan, "CCACHE_DIR").is_some();
        if links {
            let link = |(label, prefix): (&Label, &Utf8PathBuf)| {
                Ok((label.clone(), places.link("deps", label.as_str(), prefix)?))
            };
            places.deps = places.deps.iter().map(link).collect::<std::io::Result<_>>()?;
        }
        let sccache = match cache_dir(&keyed.plan, "SCCACHE_DIR") {
            Some(cache) => {
                let program = session.programs()?.find("sccache").context("`sccache` is not on PATH")?;
                let version = sccache::version(&program.path, sealed.variables())?;
                let remote = with.cache.and_then(|cache| cache.sccache(&version)).unwrap_or_default();
                Some(Server::start(&program.path, sealed.variables(), &places.text(cache)?, remote)?)
            }
            None => None,
        };
        let is_fenced = keyed.plan.steps.iter().any(|step| step.action.is_fenced());
        let fence = is_fenced.then(|| Fence::new(&places.work, &places.caches)).transpose()?;
        if let Some(fence) = &fence {
            fence.check()?;
        }
        Ok(Self {
            links,
            sccache,
            fence,
            session,
            keyed,
            places,
            logs,
            with,
            sealed,
            snapshot,
            sources: Vec::new(),
            staged: Vec::new(),
            declared: BTreeSet::new(),
            undeclared: Vec::new(),
            read: BTreeSet::new(),
        })
    }

    /// Runs every step in order.
    pub fn run(&mut self) -> Result<()> {
        let keyed = self.keyed;
        let unit = keyed.plan.unit.to_string();
        for (at, step) in keyed.plan.steps.iter().enumerate() {
            let progress = self.session.ui.progress(&format!("{} · {}", keyed.plan.unit.backend, step.id));
            let timings = self.with.timings;
            let result =
                timings.time(&unit, step.id.as_str(), || self.step(step, &|line| progress.line(line)));
            progress.finish(&self.session.ui);
            result.with_context(|| format!("step `{}` of {unit}", step.id))?;
            self.unread_setting(step, &keyed.plan.steps[at + 1..])?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step, watch: &dyn Fn(&str)) -> Result<()> {
        match &step.action {
            Action::Fetch { pin } => self.fetch(pin),
            Action::Stage { into } => self.stage(into),
            Action::Copy { from, matching, to } => self.collect(from, matching, to),
            Action::Tree { from, to } => self.tree(from, to),
            Action::Write { text, to } => self.write(text, to),
            Action::Run { cmd } => self.command(step, cmd, watch),
            Action::FirstOf { cmds } => {
                Ok(exec::run::first_of(cmds, |cmd| self.attempt(cmd, &self.log(step), watch))?)
            }
        }
    }

    fn fetch(&mut self, name: &model::name::PinName) -> Result<()> {
        let pin = self.keyed.plan.pins.iter().find(|pin| pin.name == *name);
        let pin = pin.with_context(|| {
            format!("the plan fetches `{name}` without listing it: a defect of the recipe")
        })?;
        let tree = super::sources::ensure(self.session, pin, &self.snapshot.patches())?;
        let path =
            if self.links { self.places.link("sources", name.as_str(), &tree.path)? } else { tree.path };
        self.places.sources.insert(name.clone(), path);
        self.sources.push(tree.lease);
        Ok(())
    }

    fn stage(&mut self, into: &Arg) -> Result<()> {
        let into = self.places.path(into)?;
        for input in self.snapshot.files() {
            copy::file(&self.snapshot.inputs().join(input.as_str()), &into.join(input.as_str()))?;
            self.declared.insert(Utf8PathBuf::from(input.as_str()));
        }
        self.staged.push(into);
        Ok(())
    }

    fn collect(&self, from: &Arg, matching: &[String], to: &Arg) -> Result<()> {
        let (from, to) = (self.places.path(from)?, self.places.path(to)?);
        if matching.is_empty() { copy::file(&from, &to) } else { copy::matching(&from, matching, &to) }
    }

    fn write(&self, text: &str, to: &Arg) -> Result<()> {
        let to = self.places.path(to)?;
        if let Some(dir) = to.parent() {
            fs_err::create_dir_all(dir)?;
        }
        Ok(fs_err::write(to, text)?)
    }

    fn tree(&self, from: &Arg, to: &Arg) -> Result<()> {
        let (from, to) = (self.places.path(from)?, self.places.path(to)?);
        anyhow::ensure!(
            !to.exists(),
            "{to} is there already, and was to be a copy of {from}: take it out of `inputs`, or place the source elsewhere"
        );
        anyhow::ensure!(
            from.is_dir(),
            "the build left no directory {from}: `output` of the manifest names it"
        );
        // Beside the build directories trees are links.
        copy::tree(&from.canonicalize_utf8()?, &to)
    }

    fn log(&self, step: &Step) -> Utf8PathBuf {
        self.logs.join(format!("{}.log", step.id))
    }

    fn command(&mut self, step: &Step, cmd: &Cmd, watch: &dyn Fn(&str)) -> Result<()> {
        let log = self.log(step);
        match self.attempt(cmd, &log, watch) {
            Err(error @ RunError::Failed { .. }) => self.forgotten_input(step, cmd, &log, watch, error),
            other => Ok(other?),
        }
    }

    /// A `--set` that nothing reads is a typing error, and only CMake knows what a project reads: it must be read by one
    /// of the steps that are given it, of which `later` are to come.
    fn unread_setting(&mut self, step: &Step, later: &[Step]) -> Result<()> {
        let given = |step: &Step, key: &str| {
            let mut args = step.action.cmds().iter().flat_map(|cmd| &cmd.args);
            args.any(|arg| arg.to_string().starts_with(&format!("-D{key}=")))
        };
        let keys = self.keyed.plan.settings.keys().filter(|key| given(step, key));
        let mut keys: BTreeSet<&String> = keys.filter(|key| !self.read.contains(*key)).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let log = fs_err::read(self.log(step))?;
        let unread = guard::unread(&String::from_utf8_lossy(&log), keys.iter().copied());
        self.read.extend(keys.iter().filter(|key| !unread.contains(*key)).map(|key| (*key).clone()));
        keys.retain(|key| unread.contains(key) && !later.iter().any(|step| given(step, key)));
        match keys.first() {
            None => Ok(()),
            Some(key) => {
                let text =
                    format!("--set {key}: nothing that {} is compiled from reads it", self.keyed.plan.unit);
                Err(Coded::Usage(text).into())
            }
        }
    }

    fn attempt(&self, cmd: &Cmd, log: &Utf8Path, watch: &dyn Fn(&str)) -> Result<(), RunError> {
        let defect = |error: exec::places::UnknownPlace| RunError::Output {
            program: cmd.program.to_string(),
            log: log.to_owned(),
            error: std::io::Error::other(error),
        };
        let mut places = self.places.clone();
        if let Weight::Parallel { mib_per_job } = cmd.weight {
            let fitting =
                usize::try_from(self.session.host.memory_mib / u64::from(mib_per_job.max(1))).unwrap_or(1);
            places.jobs = places.jobs.min(fitting).max(1);
        }
        let mut resolved = places.cmd(cmd, &self.sealed).map_err(defect)?;
        // Only cooperating builders get the jobserver; the others get a plain number.
        if cmd.weight != Weight::Light {
            match &self.with.makeflags {
                Some(flags) if places.jobs == self.places.jobs && cmd.fence.is_none() => {
                    resolved.env.insert("MAKEFLAGS".to_owned(), flags.clone());
                }
                _ => {
                    resolved.env.insert("CMAKE_BUILD_PARALLEL_LEVEL".to_owned(), places.jobs.to_string());
                }
            }
        }
        if let Some(server) = &self.sccache {
            resolved.env.insert(sccache::PORT.to_owned(), server.port.to_string());
        }
        if let Some(cache) = self.with.cache.filter(|_| cmd.tuning.contains_key("CCACHE_DIR")) {
            if cmd.fence == Some(Network::None) {
                cache.is_out_of_reach(&self.keyed.plan.unit);
            } else if let Some(file) = cache.ccache_settings() {
                resolved.env.insert(CCACHE_SETTINGS.to_owned(), file.to_string());
            }
        }
        for dir in resolved.env.iter().filter(|(name, _)| name.ends_with("CACHE_DIR")).map(|(_, dir)| dir) {
            // Caches make their own directories, except for those that expect them.
            fs_err::create_dir_all(dir).map_err(|error| RunError::Output {
                program: resolved.program.clone(),
                log: log.to_owned(),
                error,
            })?;
        }
        if let (Some(network), Some(fence)) = (cmd.fence, &self.fence) {
            resolved = fence.round(&resolved, network);
        }
        self.session.ui.detail(&resolved.to_string());
        exec::run::run(&resolved, log, |line| {
            watch(line);
            self.session.ui.detail(line);
        })
    }

    /// A failed step may have missed a file that the manifest forgot.
    fn forgotten_input(
        &mut self,
        step: &Step,
        cmd: &Cmd,
        log: &Utf8Path,
        watch: &dyn Fn(&str),
        error: RunError,
    ) -> Result<()> {
        if let Some(file) = guard::vanished(&self.declared, &self.staged) {
            bail!(
                "{error}\n{file} was there when the build began, and is gone: something removes files below {} while they \
                 are in use; run it again",
                self.places.work
            );
        }
        let text = String::from_utf8_lossy(&fs_err::read(log)?).into_owned();
        let files = guard::undeclared(&text, &self.staged, &self.session.root);
        if files.is_empty() {
            return Err(error.into());
        }
        let unit = &self.keyed.plan.unit;
        let manifest = self
            .session
            .manifests
            .backends
            .get(&unit.backend)
            .map(|backend| backend.dir.join("backend.yaml"));
        let ours = checkout::Files::of(&self.session.root);
        let is_ignored = |file: &Utf8Path| {
            ours.as_ref().is_ok_and(|ours| ours.has(file.as_str()).is_ok_and(|is_ours| !is_ours))
        };
        let advice = guard::advice(&files, &manifest.unwrap_or_default(), is_ignored);
        if self.with.strict || files.iter().all(|file| self.undeclared.contains(file)) {
            bail!("{error}\n{advice}");
        }
        self.session.ui.warn(&format!("{advice}\ngoing on with it; the result will not be cached"));
        for (dir, file) in self.staged.iter().flat_map(|dir| files.iter().map(move |file| (dir, file))) {
            copy::file(&self.session.root.join(file), &dir.join(file))?;
        }
        self.undeclared.extend(files);
        self.command(step, cmd, watch)
    }
}

/// The programs that a plan's commands call by name: those of its facts, and those that cannot change what it yields.
fn tools(plan: &Plan) -> impl Iterator<Item = &str> {
    let named = plan.facts.iter().filter_map(|fact| match fact {
        Fact::Tool(name) => Some(name.as_str()),
        _ => None,
    });
    named.chain(["ninja", "ccache", "sccache"])
}

/// The directory of a compiler cache, if a plan's commands go through that.
fn cache_dir<'a>(plan: &'a Plan, variable: &str) -> Option<&'a Arg> {
    plan.steps.iter().flat_map(|step| step.action.cmds()).find_map(|cmd| cmd.tuning.get(variable))
}

/// Removes a directory that may not be there.
pub fn remove(dir: &Utf8Path) -> Result<()> {
    match fs_err::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
