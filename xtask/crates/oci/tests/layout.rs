//! Images are the same bytes each time, whole, and what independent readers expect.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use camino::{Utf8Path, Utf8PathBuf};
use oci::layout::{Compression, Content, ImageSpec, Written, read, write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

/// A directory that goes with the test.
struct Bench {
    _temp: tempfile::TempDir,
    dir: Utf8PathBuf,
}

impl Bench {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let dir = Utf8PathBuf::from_path_buf(temp.path().canonicalize().unwrap()).unwrap();
        Self { _temp: temp, dir }
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The image of a tree as the file `name`.
    fn image(&self, tree: &Utf8Path, compression: Compression, name: &str) -> (Utf8PathBuf, Written) {
        let (scratch, out) = (tempfile::tempdir().unwrap(), self.dir.join(name));
        let scratch = Utf8Path::from_path(scratch.path()).unwrap();
        let written = write(tree, &spec(compression), scratch, &out).unwrap();
        (out, written)
    }

    /// The files of an image, to be changed.
    fn unpacked(&self, image: &Utf8Path, name: &str) -> Utf8PathBuf {
        let dir = self.dir.join(name);
        std::fs::create_dir(&dir).unwrap();
        done(Command::new("tar").args(["-xf", image.as_str(), "-C", dir.as_str()]));
        dir
    }

    /// Reads those files as the image that they are.
    fn reread(&self, dir: &Utf8Path) -> Result<oci::layout::Image, oci::layout::LayoutError> {
        let (out, entries) = (self.dir.join("again.tar"), std::fs::read_dir(dir).unwrap());
        let names = entries.map(|entry| entry.unwrap().file_name());
        done(Command::new("tar").args(["-cf", out.as_str(), "-C", dir.as_str()]).args(names));
        read(&out)
    }
}

fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A small tree with everything that a package can hold, made in an order and with times and modes of choice.
fn tree(bench: &Bench, name: &str, names: &[&str], umask: u32) -> Utf8PathBuf {
    let root = bench.dir.join(name);
    for file in names {
        bench.write(&format!("{name}/{file}"), &format!("contents of {file}"));
    }
    let long = format!("lib/{}/{}.so", "d".repeat(120), "n".repeat(120));
    bench.write(&format!("{name}/{long}"), "long");
    symlink("libc.so.6", root.join("lib/libc.so")).unwrap();
    for entry in walkdir::WalkDir::new(&root) {
        let entry = entry.unwrap();
        if entry.path_is_symlink() {
            continue;
        }
        let mode = if entry.file_type().is_dir() || entry.file_name() == "run" { 0o777 } else { 0o666 };
        std::fs::set_permissions(entry.path(), PermissionsExt::from_mode(mode & !umask)).unwrap();
    }
    root
}

fn spec(compression: Compression) -> ImageSpec {
    ImageSpec {
        repository: "localhost/greeting".parse().unwrap(),
        tag: "cpu".parse().unwrap(),
        platform: "linux/amd64".parse().unwrap(),
        entrypoint: vec!["/run".into()],
        labels: [("b".into(), "2".into()), ("a".into(), "1".into())].into(),
        compression,
    }
}

#[test]
fn equal_trees_are_equal_bytes() {
    let bench = Bench::new();
    let one = tree(&bench, "one", &["run", "lib/libc.so.6", "lib-x/a", "lib/a"], 0o022);
    let two = tree(&bench, "two", &["lib/a", "lib-x/a", "lib/libc.so.6", "run"], 0o077);
    let touched = Command::new("touch").args(["-d", "2001-01-01"]).arg(two.join("run")).status().unwrap();
    assert!(touched.success());
    for compression in [Compression::None, Compression::Gzip] {
        let tar = |tree: &Utf8Path, name: &str| {
            let (out, written) = bench.image(tree, compression, name);
            (written.digest, std::fs::read(out).unwrap())
        };
        assert!(tar(&one, "1.tar") == tar(&two, "2.tar"), "{compression:?}");
        let again = tar(&one, "1.tar");
        std::fs::write(one.join("run"), "changed").unwrap();
        assert_ne!(tar(&one, "3.tar").0, again.0);
        std::fs::write(one.join("run"), "contents of run").unwrap();
    }
}

#[test]
fn what_is_written_reads_back() {
    let bench = Bench::new();
    let tree = tree(&bench, "tree", &["run", "lib/libc.so.6"], 0o022);
    for compression in [Compression::None, Compression::Gzip] {
        let (out, written) = bench.image(&tree, compression, "x.tar");
        let image = read(&out).unwrap();
        assert_eq!(image.digest, written.digest);
        assert_eq!(image.reference.as_deref(), Some("localhost/greeting:cpu"));
        assert_eq!(image.entrypoint, ["/run"]);
        assert_eq!(image.labels, spec(compression).labels);
        assert_eq!(image.contents[Utf8Path::new("lib")], Content::Directory);
        assert_eq!(image.contents[Utf8Path::new("lib/libc.so")], Content::Link("libc.so.6".into()));
        let Content::File { mode, size, .. } = &image.contents[Utf8Path::new("run")] else { panic!() };
        assert_eq!((*mode, *size), (0o755, 15));
        assert_eq!(image.contents.len(), 6);
    }
}

#[test]
fn a_changed_byte_anywhere_is_noticed() {
    let bench = Bench::new();
    let tree = tree(&bench, "tree", &["run"], 0o022);
    let (image, _) = bench.image(&tree, Compression::Gzip, "x.tar");
    let out = bench.unpacked(&image, "x");
    let mut blobs = 0;
    for entry in std::fs::read_dir(out.join("blobs/sha256")).unwrap() {
        let path = entry.unwrap().path();
        let sound = std::fs::read(&path).unwrap();
        for at in [0, sound.len() / 2, sound.len() - 1] {
            let mut bytes = sound.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            assert!(bench.reread(&out).is_err(), "byte {at} of {}", path.display());
        }
        std::fs::write(&path, &sound[..sound.len() - 1]).unwrap();
        assert!(bench.reread(&out).is_err());
        std::fs::remove_file(&path).unwrap();
        assert!(bench.reread(&out).is_err());
        std::fs::write(&path, sound).unwrap();
        blobs += 1;
    }
    assert_eq!(blobs, 3);
    bench.reread(&out).unwrap();
    let archive = out.join("manifest.json");
    let text = std::fs::read_to_string(&archive).unwrap();
    std::fs::write(&archive, text.replacen("blobs/sha256/", "blobs/sha256/0", 1)).unwrap();
    assert!(bench.reread(&out).unwrap_err().to_string().contains("other blobs"));
}

/// Whatever happens to a tar, reading it returns: the same image, where nothing that counts was hit, or an error.
#[test]
fn a_damaged_tar_is_an_error_or_the_same_image() {
    let bench = Bench::new();
    let tree = tree(&bench, "tree", &["run"], 0o022);
    for compression in [Compression::None, Compression::Gzip] {
        let (out, _) = bench.image(&tree, compression, "x.tar");
        let sound = std::fs::read(&out).unwrap();
        let image = read(&out).unwrap();
        let mut refused = 0;
        for round in 0..400 {
            let mut bytes = sound.clone();
            let at = round * 7919 % sound.len();
            bytes[at] ^= if round % 2 == 0 { 0xff } else { 1 };
            if round % 10 == 0 {
                bytes.truncate(at);
            }
            std::fs::write(&out, bytes).unwrap();
            match read(&out) {
                Ok(read) => assert_eq!((&read.digest, &read.contents), (&image.digest, &image.contents)),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 50, "only {refused} were refused");
    }
}

/// Reads the tar as Docker's and OCI's documents say, with nothing of ours.
const INDEPENDENT: &str = r"
import gzip, hashlib, io, json, sys, tarfile
outer = tarfile.open(sys.argv[1])
def blob(name):
    return outer.extractfile(name).read()
def checked(d):
    data = blob('blobs/' + d['digest'].replace(':', '/'))
    assert len(data) == d['size'] and 'sha256:' + hashlib.sha256(data).hexdigest() == d['digest'], d
    return data
assert json.loads(blob('oci-layout')) == {'imageLayoutVersion': '1.0.0'}
(entry,) = json.loads(blob('index.json'))['manifests']
manifest = json.loads(checked(entry))
config = json.loads(checked(manifest['config']))
(layer,) = manifest['layers']
tar = gzip.decompress(checked(layer))
assert ['sha256:' + hashlib.sha256(tar).hexdigest()] == config['rootfs']['diff_ids']
(docker,) = json.loads(blob('manifest.json'))
assert json.loads(blob(docker['Config'])) == config
assert [hashlib.sha256(blob(l)).hexdigest() for l in docker['Layers']] == [layer['digest'][7:]]
assert entry['annotations']['org.opencontainers.image.ref.name'] == docker['RepoTags'][0].split(':')[-1]
assert (config['os'], config['architecture']) == ('linux', 'amd64'), config
members = tarfile.open(fileobj=io.BytesIO(tar)).getmembers()
assert all((m.uid, m.gid, m.mtime, m.uname, m.gname) == (0, 0, 0, '', '') for m in members)
tarfile.open(fileobj=io.BytesIO(tar)).extractall(sys.argv[2])
print(docker['RepoTags'][0], *config['config']['Entrypoint'])
";

#[test]
fn an_independent_reader_gets_the_same_tree() {
    let bench = Bench::new();
    let tree = tree(&bench, "tree", &["run", "lib/libc.so.6"], 0o022);
    let (tar, _) = bench.image(&tree, Compression::Gzip, "image.tar");
    let root = bench.dir.join("root");
    let told = done(Command::new("python3").args(["-c", INDEPENDENT]).arg(&tar).arg(&root));
    assert_eq!(told, "localhost/greeting:cpu /run\n");
    done(Command::new("diff").args(["-r", "--no-dereference"]).args([&tree, &root]));
    let mode = |root: &Utf8Path| std::fs::metadata(root.join("run")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&root), 0o755);
}

#[test]
fn an_image_that_reaches_out_is_refused() {
    let bench = Bench::new();
    let tree = tree(&bench, "tree", &["AAAA"], 0o022);
    let (image, _) = bench.image(&tree, Compression::None, "x.tar");
    // The same image with another name in its tar, and every digest made to fit.
    let forge = r"
import hashlib, json, os, sys, tarfile, io
root = sys.argv[1]
blob = lambda d: os.path.join(root, 'blobs', *d.split(':'))
def put(data):
    d = 'sha256:' + hashlib.sha256(data).hexdigest(); open(blob(d), 'wb').write(data); return d
index = json.load(open(root + '/index.json')); m = index['manifests'][0]
manifest = json.load(open(blob(m['digest']))); config = json.load(open(blob(manifest['config']['digest'])))
out = io.BytesIO(); tar = tarfile.open(fileobj=out, mode='w'); info = tarfile.TarInfo(sys.argv[2])
info.size = 1; tar.addfile(info, io.BytesIO(b'x')); tar.close(); data = out.getvalue()
config['rootfs']['diff_ids'] = [put(data)]; manifest['layers'][0].update(digest=put(data), size=len(data))
for owner, key, doc in ((manifest, 'config', config), (index['manifests'], 0, manifest)):
    data = json.dumps(doc).encode(); owner[key].update(digest=put(data), size=len(data))
json.dump(index, open(root + '/index.json', 'w')); os.remove(root + '/manifest.json')
";
    for (name, fine) in [("plain/x", true), ("../x", false), ("/x", false), ("a/../../x", false)] {
        let copy = bench.unpacked(&image, "copy");
        done(Command::new("python3").args(["-c", forge, copy.as_str(), name]));
        let read = bench.reread(&copy);
        assert_eq!(read.is_ok(), fine, "{name}: {read:?}");
        if !fine {
            assert!(read.unwrap_err().to_string().contains("inside the image"), "{name}");
        }
        std::fs::remove_dir_all(copy).unwrap();
    }
}
