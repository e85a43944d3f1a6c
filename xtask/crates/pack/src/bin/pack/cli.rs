//! The command line, read by hand: this program is compiled when a container build is about to begin.

use camino::Utf8PathBuf;

pub(crate) const USAGE: &str = "\
usage: pack package --spec FILE --out DIR
       pack cache-load FROM TO [--stamp FILE]
       pack cache-dump FROM TO [--since FILE] [--max-bytes N]";

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Make a package.
    Package { spec: Utf8PathBuf, out: Utf8PathBuf },
    /// Put a seed into a cache.
    CacheLoad { from: Utf8PathBuf, to: Utf8PathBuf, stamp: Option<Utf8PathBuf> },
    /// Take out of a cache what was used since it was loaded.
    CacheDump { from: Utf8PathBuf, to: Utf8PathBuf, since: Option<Utf8PathBuf>, max_bytes: u64 },
}

/// Reads the arguments after the program's name.
pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut places = Vec::new();
    let (mut spec, mut out, mut stamp, mut since, mut max_bytes) = (None, None, None, None, None);
    let mut args = args;
    while let Some(arg) = args.next() {
        let slot = match arg.as_str() {
            "--spec" => &mut spec,
            "--out" => &mut out,
            "--stamp" => &mut stamp,
            "--since" => &mut since,
            "--max-bytes" => &mut max_bytes,
            option if option.starts_with('-') => return Err(format!("unknown option {option}")),
            _ => {
                places.push(arg);
                continue;
            }
        };
        let value = args.next().ok_or_else(|| format!("{arg} wants a value"))?;
        *slot = Some(value);
    }
    let needed = |value: Option<String>, what| value.ok_or_else(|| format!("{what} is missing"));
    let mut places = places.into_iter();
    let name = needed(places.next(), "the command")?;
    let path = |value: Option<String>| value.map(Utf8PathBuf::from);
    let command = match name.as_str() {
        "package" => Command::Package {
            spec: needed(spec.take(), "--spec")?.into(),
            out: needed(out.take(), "--out")?.into(),
        },
        "cache-load" => Command::CacheLoad {
            from: needed(places.next(), "FROM")?.into(),
            to: needed(places.next(), "TO")?.into(),
            stamp: path(stamp.take()),
        },
        "cache-dump" => Command::CacheDump {
            from: needed(places.next(), "FROM")?.into(),
            to: needed(places.next(), "TO")?.into(),
            since: path(since.take()),
            max_bytes: match max_bytes.take() {
                Some(text) => text.parse().map_err(|_| format!("`{text}` is no number of bytes"))?,
                None => u64::MAX,
            },
        },
        other => return Err(format!("unknown command {other}")),
    };
    let rest = [spec, out, stamp, since, max_bytes].into_iter().flatten().chain(places).next();
    rest.map_or(Ok(command), |rest| Err(format!("{name} has no use for `{rest}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn reads_every_command() {
        assert_eq!(
            read("package --out /package --spec p.json"),
            Ok(Command::Package { spec: "p.json".into(), out: "/package".into() })
        );
        assert_eq!(
            read("cache-load a b"),
            Ok(Command::CacheLoad { from: "a".into(), to: "b".into(), stamp: None })
        );
        assert_eq!(
            read("cache-dump a b --since s --max-bytes 7"),
            Ok(Command::CacheDump {
                from: "a".into(),
                to: "b".into(),
                since: Some("s".into()),
                max_bytes: 7
            })
        );
    }

    #[test]
    fn refuses_what_it_would_ignore() {
        for line in
            ["", "package --spec x", "cache-load a", "cache-load a b c", "cache-load a b --out c", "pack x"]
        {
            assert!(read(line).is_err(), "{line}");
        }
        assert!(read("cache-dump a b --max-bytes many").unwrap_err().contains("many"));
    }
}
