//! How messages are read: tonic's way, but for whose fault it is when one cannot be.

use prost::Message;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic::{Code, Status};
use tonic_prost::{ProstCodec, ProstDecoder, ProstEncoder};

/// Answers `INVALID_ARGUMENT` to a message that cannot be read; tonic says that the server failed.
pub struct BlamingCodec<T, U>(ProstCodec<T, U>);

impl<T: Message + Send + 'static, U: Message + Default + Send + 'static> Default for BlamingCodec<T, U> {
    fn default() -> Self {
        Self(ProstCodec::default())
    }
}

impl<T: Message + Send + 'static, U: Message + Default + Send + 'static> Codec for BlamingCodec<T, U> {
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = BlamingDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        self.0.encoder()
    }

    fn decoder(&mut self) -> Self::Decoder {
        BlamingDecoder(self.0.decoder())
    }
}

/// The half that reads.
pub struct BlamingDecoder<U>(ProstDecoder<U>);

impl<U: Message + Default> Decoder for BlamingDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        self.0.decode(buffer).map_err(|error| match error.code() {
            Code::Internal => Status::invalid_argument(error.message()),
            _ => error,
        })
    }
}
