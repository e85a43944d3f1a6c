//! GGUF version 3 on disk: header, metadata, tensor table, and tensor data, each tensor aligned.

use std::io::{self, Write};

use super::rng::Rng;

const MAGIC: &[u8; 4] = b"GGUF";
const VERSION: u32 = 3;
const ALIGNMENT: u64 = 32;
const F32: u32 = 0;

/// A metadata value.
pub(super) enum Value {
    U32(u32),
    F32(f32),
    Bool(bool),
    Str(String),
    Strs(Vec<String>),
    F32s(Vec<f32>),
    I32s(Vec<i32>),
}

/// What a tensor's numbers are.
pub(super) enum Fill {
    /// All ones: a norm's weight.
    Ones,
    /// Random in `-scale..scale`.
    Random { scale: f32 },
    /// As `Random`, but the first `quiet` rows are zero.
    RandomAfter { quiet: u64, scale: f32 },
}

/// 32-bit floats; the fastest-varying dimension of the shape comes first, as in the file.
pub(super) struct Tensor {
    pub(super) name: String,
    pub(super) shape: Vec<u64>,
    pub(super) fill: Fill,
}

/// A whole file.
pub(super) struct File {
    pub(super) metadata: Vec<(String, Value)>,
    pub(super) tensors: Vec<Tensor>,
}

impl File {
    /// Streams the file; nothing larger than one number is held in memory.
    pub(super) fn write(&self, out: &mut impl Write, seed: u64) -> io::Result<()> {
        let mut out = Counted { out, written: 0 };
        out.write_all(MAGIC)?;
        out.write_all(&VERSION.to_le_bytes())?;
        put_len(&mut out, self.tensors.len())?;
        put_len(&mut out, self.metadata.len())?;
        for (key, value) in &self.metadata {
            put_str(&mut out, key)?;
            value.write(&mut out)?;
        }
        let mut offset = 0_u64;
        for tensor in &self.tensors {
            tensor.write_info(&mut out, offset)?;
            offset = (offset + tensor.bytes()).next_multiple_of(ALIGNMENT);
        }
        let mut rng = Rng::new(seed);
        for tensor in &self.tensors {
            out.align()?;
            tensor.write_data(&mut out, &mut rng)?;
        }
        out.align()
    }
}

impl Tensor {
    /// `shape` as people write it: rows before columns.
    pub(super) fn random(name: &str, shape: &[u64], scale: f32) -> Self {
        let shape = shape.iter().rev().copied().collect();
        Self { name: name.to_owned(), shape, fill: Fill::Random { scale } }
    }

    pub(super) fn ones(name: &str, length: u64) -> Self {
        Self { name: name.to_owned(), shape: vec![length], fill: Fill::Ones }
    }

    fn count(&self) -> u64 {
        self.shape.iter().product()
    }

    fn bytes(&self) -> u64 {
        self.count() * 4
    }

    fn write_info(&self, out: &mut impl Write, offset: u64) -> io::Result<()> {
        put_str(out, &self.name)?;
        out.write_all(&u32::try_from(self.shape.len()).unwrap_or(u32::MAX).to_le_bytes())?;
        self.shape.iter().try_for_each(|length| out.write_all(&length.to_le_bytes()))?;
        out.write_all(&F32.to_le_bytes())?;
        out.write_all(&offset.to_le_bytes())
    }

    fn write_data(&self, out: &mut impl Write, rng: &mut Rng) -> io::Result<()> {
        let (quiet, scale) = match self.fill {
            Fill::Ones => return (0..self.count()).try_for_each(|_| out.write_all(&1_f32.to_le_bytes())),
            Fill::Random { scale } => (0, scale),
            Fill::RandomAfter { quiet, scale } => (quiet, scale),
        };
        let quiet = quiet * self.shape.first().copied().unwrap_or(0);
        for _ in 0..quiet {
            out.write_all(&0_f32.to_le_bytes())?;
        }
        for _ in quiet..self.count() {
            out.write_all(&(rng.symmetric() * scale).to_le_bytes())?;
        }
        Ok(())
    }
}

impl Value {
    const U32_TAG: u32 = 4;
    const I32_TAG: u32 = 5;
    const F32_TAG: u32 = 6;
    const BOOL_TAG: u32 = 7;
    const STRING_TAG: u32 = 8;
    const ARRAY_TAG: u32 = 9;

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::U32(v) => tagged(out, Self::U32_TAG, &v.to_le_bytes()),
            Self::F32(v) => tagged(out, Self::F32_TAG, &v.to_le_bytes()),
            Self::Bool(v) => tagged(out, Self::BOOL_TAG, &[u8::from(*v)]),
            Self::Str(v) => {
                out.write_all(&Self::STRING_TAG.to_le_bytes())?;
                put_str(out, v)
            }
            Self::Strs(all) => {
                array(out, Self::STRING_TAG, all.len())?;
                all.iter().try_for_each(|v| put_str(out, v))
            }
            Self::F32s(all) => {
                array(out, Self::F32_TAG, all.len())?;
                all.iter().try_for_each(|v| out.write_all(&v.to_le_bytes()))
            }
            Self::I32s(all) => {
                array(out, Self::I32_TAG, all.len())?;
                all.iter().try_for_each(|v| out.write_all(&v.to_le_bytes()))
            }
        }
    }
}

fn tagged(out: &mut impl Write, tag: u32, bytes: &[u8]) -> io::Result<()> {
    out.write_all(&tag.to_le_bytes())?;
    out.write_all(bytes)
}

fn array(out: &mut impl Write, item: u32, len: usize) -> io::Result<()> {
    out.write_all(&Value::ARRAY_TAG.to_le_bytes())?;
    out.write_all(&item.to_le_bytes())?;
    put_len(out, len)
}

fn put_str(out: &mut impl Write, text: &str) -> io::Result<()> {
    put_len(out, text.len())?;
    out.write_all(text.as_bytes())
}

fn put_len(out: &mut impl Write, len: usize) -> io::Result<()> {
    out.write_all(&(len as u64).to_le_bytes())
}

/// Knows how much went through it, so that it can pad to the alignment.
struct Counted<W> {
    out: W,
    written: u64,
}

impl<W: Write> Counted<W> {
    fn align(&mut self) -> io::Result<()> {
        let missing = self.written.next_multiple_of(ALIGNMENT) - self.written;
        (0..missing).try_for_each(|_| self.write_all(&[0]))
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.out.write(buf)?;
        self.written += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
