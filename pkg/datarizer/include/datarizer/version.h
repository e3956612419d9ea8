/* datarizer/version.h - which release this is. */
#ifndef DATARIZER_VERSION_H
#define DATARIZER_VERSION_H

#include <datarizer/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "1.2.3", semantic version of the library that is linked; static storage. */
DZR_API const char *dzr_version(void);

#ifdef __cplusplus
}
#endif
#endif
