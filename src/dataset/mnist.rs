//! MNIST: 60,000 + 10,000 handwritten digits, 28 x 28 pixels.
//! LeCun, Bottou, Bengio, Haffner 1998, Proc. IEEE 86:2278. Usually given as CC BY-SA 3.0
//! (Y. LeCun, C. Cortes).

use std::path::PathBuf;

use super::{Data, DataFile, DataSet, Source, Unpacked, published};
use crate::error::Result;
use crate::parameter::Kind;

pub(super) const KIND: Kind<dyn Source> = SET.kind(|_| Ok(Box::new(SET)));

pub(super) const SET: DataSet = DataSet {
    name: "mnist",
    summary: "60,000 + 10,000 handwritten digits, 28 x 28 (LeCun et al. 1998)",
    shape: &[28, 28],
    classes: 10,
    files: FILES,
    load,
};

const CLASSES: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

const FILES: &[DataFile] = &[
    DataFile {
        path: "mnist/train-images-idx3-ubyte.gz",
        bytes: 9_912_422,
        sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        unpacked: Unpacked { bytes: 47_040_016, crc32: 0xe9f4_d8b3 },
        urls: &[
            "http://storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz",
            "http://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz",
        ],
    },
    DataFile {
        path: "mnist/train-labels-idx1-ubyte.gz",
        bytes: 28_881,
        sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        unpacked: Unpacked { bytes: 60_008, crc32: 0xe0cb_4ad2 },
        urls: &[
            "http://storage.googleapis.com/cvdf-datasets/mnist/train-labels-idx1-ubyte.gz",
            "http://ossci-datasets.s3.amazonaws.com/mnist/train-labels-idx1-ubyte.gz",
        ],
    },
    DataFile {
        path: "mnist/t10k-images-idx3-ubyte.gz",
        bytes: 1_648_877,
        sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        unpacked: Unpacked { bytes: 7_840_016, crc32: 0x9137_3bdf },
        urls: &[
            "http://storage.googleapis.com/cvdf-datasets/mnist/t10k-images-idx3-ubyte.gz",
            "http://ossci-datasets.s3.amazonaws.com/mnist/t10k-images-idx3-ubyte.gz",
        ],
    },
    DataFile {
        path: "mnist/t10k-labels-idx1-ubyte.gz",
        bytes: 4_542,
        sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        unpacked: Unpacked { bytes: 10_008, crc32: 0x4ab9_eff9 },
        urls: &[
            "http://storage.googleapis.com/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz",
            "http://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz",
        ],
    },
];

fn load(folders: &[PathBuf]) -> Result<Data> {
    published::load(&SET, &CLASSES, folders)
}
