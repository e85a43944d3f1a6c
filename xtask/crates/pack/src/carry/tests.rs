//! Caches in temporary directories.

use super::*;
use std::fs::{self, File as StdFile};
use std::time::Duration;

struct Bench {
    dir: Utf8PathBuf,
    _temp: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        Self { dir: temp.path().to_owned().try_into().unwrap(), _temp: temp }
    }

    /// A file that was last used so many seconds after the epoch.
    fn file(&self, path: &str, text: &str, seconds: u64) {
        let path = self.dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        StdFile::open(path).unwrap().set_modified(time).unwrap();
    }

    fn names(&self, dir: &str) -> Vec<String> {
        files(&self.dir.join(dir)).unwrap().into_iter().map(|file| file.path.into_string()).collect()
    }
}

#[test]
fn a_seed_goes_in_without_touching_what_is_there() {
    let bench = Bench::new();
    bench.file("seed/a/1R", "seed", 10);
    bench.file("seed/a/2R", "seed", 20);
    bench.file("seed/a/stats", "counters of another machine", 20);
    bench.file("seed/tmp/half", "half", 20);
    bench.file("cache/a/2R", "here", 99);
    let carried = load(&bench.dir.join("seed"), &bench.dir.join("cache")).unwrap();
    assert_eq!(carried, Carried { files: 1, bytes: 4, left: 1 });
    assert_eq!(bench.names("cache"), ["a/1R", "a/2R"]);
    assert_eq!(fs::read_to_string(bench.dir.join("cache/.seeded")).unwrap(), "a/1R\n");
    assert_eq!(fs::read_to_string(bench.dir.join("cache/a/2R")).unwrap(), "here");
    let time = fs::metadata(bench.dir.join("cache/a/1R")).unwrap().modified().unwrap();
    assert_eq!(time, SystemTime::UNIX_EPOCH + Duration::from_secs(10));
}

#[test]
fn no_seed_is_an_empty_one() {
    let bench = Bench::new();
    let carried = load(&bench.dir.join("none"), &bench.dir.join("cache")).unwrap();
    assert_eq!(carried, Carried::default());
}

#[test]
fn only_what_was_used_comes_out_and_the_newest_first() {
    let bench = Bench::new();
    bench.file("cache/since", "", 100);
    bench.file("cache/old", "12345", 99);
    bench.file("cache/first", "12345", 100);
    bench.file("cache/later", "12345", 101);
    bench.file("cache/last", "12345", 102);
    let (cache, since) = (bench.dir.join("cache"), bench.dir.join("cache/since"));
    let all = dump(&cache, &bench.dir.join("all"), Some(&since), u64::MAX).unwrap();
    assert_eq!(all, Carried { files: 3, bytes: 15, left: 1 });
    assert_eq!(bench.names("all"), ["first", "last", "later"]);
    let some = dump(&cache, &bench.dir.join("some"), Some(&since), 14).unwrap();
    assert_eq!(some, Carried { files: 2, bytes: 10, left: 2 });
    assert_eq!(bench.names("some"), ["last", "later"]);
    let everything = dump(&cache, &bench.dir.join("everything"), None, u64::MAX).unwrap();
    assert_eq!(everything.files, 5);
}

#[test]
fn links_and_read_only_files_are_carried() {
    let bench = Bench::new();
    bench.file("cache/deep/er/file", "x", 7);
    let file = bench.dir.join("cache/deep/er/file");
    let mut mode = fs::metadata(&file).unwrap().permissions();
    mode.set_readonly(true);
    fs::set_permissions(&file, mode).unwrap();
    std::os::unix::fs::symlink("deep/er/file", bench.dir.join("cache/link")).unwrap();
    dump(&bench.dir.join("cache"), &bench.dir.join("out"), None, u64::MAX).unwrap();
    assert_eq!(bench.names("out"), ["deep/er/file", "link"]);
    assert_eq!(fs::read_to_string(bench.dir.join("out/link")).unwrap(), "x");
    assert!(fs::metadata(bench.dir.join("out/deep/er/file")).unwrap().permissions().readonly());
}
