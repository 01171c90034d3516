/** Tables of S3. Keys are compared as UTF-8 bytes (SQLite's BINARY collation), the order that S3 lists in. `blobs` of
 * an object and `stated` of an object or an upload are JSON; a blob without bytes is a file. */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS bucket (
  name TEXT PRIMARY KEY, versioned INTEGER NOT NULL, eventBridge INTEGER NOT NULL, created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS object (
  sequence INTEGER PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, versionId TEXT NOT NULL,
  isLatest INTEGER NOT NULL, isMarker INTEGER NOT NULL, modified INTEGER NOT NULL, size INTEGER NOT NULL,
  stated TEXT NOT NULL, blobs TEXT NOT NULL, uploadId TEXT, UNIQUE (bucket, key, versionId)
) STRICT;
CREATE INDEX IF NOT EXISTS objectOrder ON object (bucket, key, sequence DESC);
CREATE UNIQUE INDEX IF NOT EXISTS objectLatest ON object (bucket, key) WHERE isLatest = 1;
CREATE INDEX IF NOT EXISTS objectUpload ON object (uploadId) WHERE uploadId IS NOT NULL;
CREATE TABLE IF NOT EXISTS upload (
  id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, stated TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part (
  uploadId TEXT NOT NULL, number INTEGER NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL,
  etag TEXT NOT NULL, checksum TEXT, modified INTEGER NOT NULL, PRIMARY KEY (uploadId, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blob (id TEXT PRIMARY KEY, bytes BLOB) STRICT;
CREATE TABLE IF NOT EXISTS sequence (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO sequence VALUES (1, 0);
`;
