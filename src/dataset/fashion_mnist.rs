//! FashionMNIST: 60,000 + 10,000 pictures of clothes, 28 x 28 pixels, in MNIST's format.
//! Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747. MIT licence (Zalando SE).

use std::path::PathBuf;

use super::{Data, DataFile, DataSet, Source, Unpacked, published};
use crate::error::Result;
use crate::parameter::Kind;

pub(super) const KIND: Kind<dyn Source> = SET.kind(|_| Ok(Box::new(SET)));

pub(super) const SET: DataSet = DataSet {
    name: "fashion_mnist",
    summary: "60,000 + 10,000 pictures of clothes, 28 x 28 (Xiao et al. 2017)",
    shape: &[28, 28],
    classes: 10,
    files: FILES,
    load,
};

const CLASSES: [&str; 10] =
    ["T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

const FILES: &[DataFile] = &[
    DataFile {
        path: "fashion-mnist/train-images-idx3-ubyte.gz",
        bytes: 26_421_880,
        sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        unpacked: Unpacked { bytes: 47_040_016, crc32: 0xb4f2_9f28 },
        urls: &["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-images-idx3-ubyte.gz"],
    },
    DataFile {
        path: "fashion-mnist/train-labels-idx1-ubyte.gz",
        bytes: 29_515,
        sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        unpacked: Unpacked { bytes: 60_008, crc32: 0x741a_4657 },
        urls: &["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-labels-idx1-ubyte.gz"],
    },
    DataFile {
        path: "fashion-mnist/t10k-images-idx3-ubyte.gz",
        bytes: 4_422_102,
        sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        unpacked: Unpacked { bytes: 7_840_016, crc32: 0x678f_e0b1 },
        urls: &["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/t10k-images-idx3-ubyte.gz"],
    },
    DataFile {
        path: "fashion-mnist/t10k-labels-idx1-ubyte.gz",
        bytes: 5_148,
        sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        unpacked: Unpacked { bytes: 10_008, crc32: 0x8014_2c1f },
        urls: &["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/t10k-labels-idx1-ubyte.gz"],
    },
];

fn load(folders: &[PathBuf]) -> Result<Data> {
    published::load(&SET, &CLASSES, folders)
}
