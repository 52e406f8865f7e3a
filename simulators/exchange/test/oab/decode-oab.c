/* Decompresses an offline address book with libmspack: decode-oab <file.lzx> <output>.
 * The exit code is the library's error: 0 for success, 11 for damaged data, 9 for a wrong checksum. */
#include <mspack.h>
#include <stdio.h>

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  struct msoab_decompressor *decoder = mspack_create_oab_decompressor(NULL);
  if (decoder == NULL) return 65;
  int error = decoder->decompress(decoder, argv[1], argv[2]);
  if (error != MSPACK_ERR_OK) fprintf(stderr, "libmspack error %d\n", error);
  mspack_destroy_oab_decompressor(decoder);
  return error;
}
