/* base/error.c - statuses and their words; filling and prefixing an error message. */
#include <datarizer/error.h>
#include <datarizer/version.h>

#include <stdio.h>
#include <string.h>

const char *dzr_version(void)
{
    return DZR_VERSION;
}

const char *dzr_status_name(dzr_status status)
{
    switch (status) {
#define DZR_STATUS_NAME(name, text)                                                                                    \
    case name:                                                                                                         \
        return #name;
        DZR_STATUS_LIST(DZR_STATUS_NAME)
#undef DZR_STATUS_NAME
    }
    return "unknown status";
}

const char *dzr_status_text(dzr_status status)
{
    switch (status) {
#define DZR_STATUS_TEXT(name, text)                                                                                    \
    case name:                                                                                                         \
        return text;
        DZR_STATUS_LIST(DZR_STATUS_TEXT)
#undef DZR_STATUS_TEXT
    }
    return "unknown status";
}

/* A cut message must still be UTF-8: drops the bytes of a character that lost its tail. */
static void end_at_character(char *text, size_t cap, size_t wanted)
{
    if (wanted < cap)
        return;
    size_t len = cap - 1;
    size_t back = 0;
    while (back < 3 && back < len && ((unsigned char)text[len - 1 - back] & 0xC0) == 0x80)
        back++;
    const unsigned char lead = len > back ? (unsigned char)text[len - 1 - back] : 0;
    const size_t needs = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (needs > back + 1)
        len -= back + 1;
    text[len] = '\0';
}

#undef dzr_fail /* what error.h tells the analyzer of it */
dzr_status dzr_fail(dzr_error *err, dzr_status status, const char *format, ...)
{
    if (err == NULL)
        return status;
    err->status = status;
    err->row_group = err->column = -1;
    err->offset = err->line = err->record = -1;
    va_list args;
    va_start(args, format);
    const int wanted = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (wanted < 0)
        err->message[0] = '\0';
    else
        end_at_character(err->message, sizeof err->message, (size_t)wanted);
    return status;
}

dzr_status dzr_fail_at(dzr_error *err, dzr_status status, const char *format, ...)
{
    if (err == NULL)
        return status;
    char place[DZR_ERROR_BYTES];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(place, sizeof place, format, args);
    va_end(args);
    if (n < 0)
        return err->status;
    end_at_character(place, sizeof place, (size_t)n);
    const size_t place_len = strlen(place);
    const size_t message_len = strlen(err->message);
    const size_t keep =
            message_len < sizeof err->message - 1 - place_len ? message_len : sizeof err->message - 1 - place_len;
    memmove(err->message + place_len, err->message, keep);
    memcpy(err->message, place, place_len);
    err->message[place_len + keep] = '\0';
    end_at_character(err->message, sizeof err->message, place_len + message_len);
    return err->status;
}
