//! The search for libraries, on made-up file systems: the loader's order and what the closure makes of it.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use pack::image::{Elf, Image, Kind, Machine};
use pack::{Closure, Disk, Lookup, PackError, Search, closure, library_dirs};

#[derive(Default)]
struct Files(BTreeMap<Utf8PathBuf, Rc<Image>>);

impl Lookup for Files {
    fn object(&self, path: &Utf8Path) -> Option<Rc<Image>> {
        self.0.get(path).cloned()
    }
}

impl Files {
    /// Adds an object: what it needs, its RPATH and its RUNPATH, separated by spaces and colons.
    fn add(&mut self, path: &str, needed: &str, rpath: &str, runpath: &str) -> &mut Self {
        let split = |text: &str, by| text.split(by).filter(|s| !s.is_empty()).map(Into::into).collect();
        let elf = Elf {
            machine: Machine::X86_64,
            kind: Kind::Shared,
            interpreter: None,
            soname: None,
            needed: split(needed, ' '),
            rpath: split(rpath, ':'),
            runpath: split(runpath, ':'),
            requires: vec![],
            provides: vec![],
        };
        self.0.insert(path.into(), Rc::new(Image::Elf(elf)));
        self
    }

    fn search(&self, roots: &[&str], change: impl Fn(&mut Search)) -> Result<Closure, PackError> {
        let mut search = Search {
            platform: "linux/amd64".parse().unwrap(),
            given: vec!["/given".into()],
            system: vec!["/usr/lib".into()],
            host: vec![],
            trees: vec![],
        };
        change(&mut search);
        let roots: Vec<Utf8PathBuf> = roots.iter().map(Utf8PathBuf::from).collect();
        closure(self, &search, &roots, &BTreeMap::new(), &[])
    }

    /// Where the program's `a` is found.
    fn a(&self) -> String {
        self.search(&["/bin/x"], |_| ()).unwrap().libraries["a"].to_string()
    }
}

#[test]
fn directories_are_searched_in_the_loader_s_order() {
    let mut files = Files::default();
    files.add("/bin/x", "a", "/r", "").add("/usr/lib/a", "", "", "");
    assert_eq!(files.a(), "/usr/lib/a");
    assert_eq!(files.add("/given/a", "", "", "").a(), "/given/a");
    assert_eq!(files.add("/r/a", "", "", "").a(), "/r/a");
    // A RUNPATH comes after what is given and switches the RPATH off.
    assert_eq!(files.add("/bin/x", "a", "/r", "/u").add("/u/a", "", "", "").a(), "/given/a");
    files.0.remove(Utf8Path::new("/given/a"));
    assert_eq!(files.a(), "/u/a");
}

#[test]
fn an_rpath_serves_dependencies_and_a_runpath_does_not() {
    let mut files = Files::default();
    files.add("/bin/x", "a", "/p", "").add("/p/a", "b", "", "").add("/p/b", "", "", "");
    assert_eq!(files.search(&["/bin/x"], |_| ()).unwrap().libraries["b"], "/p/b");
    files.add("/bin/x", "a", "", "/p");
    let found = files.search(&["/bin/x"], |_| ()).unwrap();
    assert_eq!(found.missing[0].name, "b");
    assert_eq!(found.missing[0].chain, ["/bin/x", "/p/a"]);
    assert_eq!(found.missing[0].searched, ["/given", "/usr/lib"]);
}

#[test]
fn origin_is_where_the_file_is() {
    let mut files = Files::default();
    files.add("/p/bin/x", "a", "", "$ORIGIN/../lib:${ORIGIN}").add("/p/lib/a", "b", "", "$ORIGIN/deep");
    files.add("/p/lib/deep/b", "c", "", "").add("/usr/lib/c", "", "", "");
    let found = files.search(&["/p/bin/x"], |_| ()).unwrap();
    assert_eq!(found.libraries.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(found.libraries["b"], "/p/lib/deep/b");
}

#[test]
fn a_library_for_another_machine_is_passed_over() {
    let mut files = Files::default();
    files.add("/bin/x", "a", "", "").add("/given/a", "", "", "").add("/usr/lib/a", "", "", "");
    let Image::Elf(mut other) = files.0[Utf8Path::new("/given/a")].as_ref().clone() else { panic!() };
    other.machine = Machine::X86;
    files.0.insert("/given/a".into(), Rc::new(Image::Elf(other)));
    assert_eq!(files.a(), "/usr/lib/a");
}

#[test]
fn circles_end_and_each_library_is_there_once() {
    let mut files = Files::default();
    files.add("/bin/x", "a b", "", "").add("/usr/lib/a", "b", "", "").add("/usr/lib/b", "a", "", "");
    let found = files.search(&["/bin/x", "/bin/x"], |_| ()).unwrap();
    assert_eq!(found.libraries.len(), 2);
    assert_eq!(found.missing, []);
}

#[test]
fn two_files_for_one_name_are_a_conflict() {
    let mut files = Files::default();
    files.add("/bin/x", "a", "/one", "").add("/bin/y", "a", "/two", "");
    files.add("/one/a", "", "", "").add("/two/a", "", "", "");
    let error = files.search(&["/bin/x", "/bin/y"], |_| ()).unwrap_err().to_string();
    for part in ["/one/a for /bin/x", "/two/a for /bin/y", "library_dirs"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn trees_keep_their_files_and_may_rely_on_what_is_loaded_first() {
    let mut files = Files::default();
    files.add("/v/torch/lib/t", "blas sys", "", "").add("/v/nvidia/lib/blas", "", "", "");
    files.add("/usr/lib/sys", "", "", "");
    let roots = ["/v/torch/lib/t", "/v/nvidia/lib/blas"];
    let found = files.search(&roots, |search| search.trees = vec!["/v".into()]).unwrap();
    assert_eq!(found.libraries.keys().collect::<Vec<_>>(), ["sys"]);
    assert_eq!(found.missing, []);
    // Outside of a tree nothing is loaded first.
    assert_eq!(files.search(&roots, |_| ()).unwrap().missing[0].name, "blas");
}

#[test]
fn what_the_host_brings_is_not_searched() {
    let mut files = Files::default();
    files.add("/bin/x", "libcuda.so.1 libnvidia-ml.so.1", "", "").add("/usr/lib/libcuda.so.1", "", "", "");
    let host = |search: &mut Search| search.host = vec!["libcuda.so.1".into(), "libnvidia-*".into()];
    let found = files.search(&["/bin/x"], host).unwrap();
    assert_eq!((found.libraries.len(), found.missing.len()), (0, 0));
    assert_eq!(found.host["libnvidia-ml.so.1"], "/bin/x");
}

#[test]
fn finds_what_the_loader_finds() {
    let mut compared = 0;
    for program in ["/usr/bin/git", "/usr/bin/python3", "/usr/bin/cmake", "/usr/bin/as", "/usr/bin/curl"] {
        let path = Utf8Path::new(program);
        if !path.exists() {
            continue;
        }
        let ldd = Command::new("ldd").arg(program).output().unwrap();
        let ldd = String::from_utf8(ldd.stdout).unwrap();
        let theirs: BTreeSet<(String, Utf8PathBuf)> = ldd
            .lines()
            .filter_map(|line| line.trim().split_once(" => "))
            .map(|(name, rest)| {
                let file = Utf8Path::new(rest.split(" (").next().unwrap());
                (name.to_owned(), file.canonicalize_utf8().unwrap())
            })
            .collect();
        let search = Search {
            platform: "linux/amd64".parse().unwrap(),
            given: vec![],
            system: library_dirs(Machine::X86_64),
            host: vec![],
            trees: vec![],
        };
        let found =
            closure(&Disk::new(search.platform), &search, &[path.to_owned()], &BTreeMap::new(), &[]).unwrap();
        let ours =
            found.libraries.iter().map(|(name, file)| (name.clone(), file.canonicalize_utf8().unwrap()));
        assert_eq!(ours.collect::<BTreeSet<_>>(), theirs, "{program}");
        assert!(found.loader.is_some() && found.missing.is_empty());
        compared += 1;
    }
    assert!(compared >= 2, "too few programs to compare");
}
