"""Cleans a folder of Parquet that need not fit into memory: parquet_folder.py IN/ OUT.parquet"""

import sys

import naskh
import pyarrow.dataset
import pyarrow.parquet

articles = pyarrow.dataset.dataset(sys.argv[1], format="parquet")
clean = naskh.dedup(articles)
with pyarrow.parquet.ParquetWriter(sys.argv[2], clean.schema) as out:
    for batch in clean:
        out.write_batch(batch)
