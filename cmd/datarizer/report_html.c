/* cmd/datarizer/report_html.c - the looks of `datarizer report`, and how a file's text, numbers and sizes stand in it.
 * The page is one file: no script, and its policy allows nothing from elsewhere. */
#include "cmd/datarizer/report.h"

#include <inttypes.h>
#include <string.h>
#include <unistr.h>
#include <uniwidth.h>

static const char style[] =
        ":root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1b1f24;--soft:#5b6570;--line:#e0e4e9;"
        "--accent:#2f6fde;--warn:#c2571a;--fill-s:62%;--fill-l:80%;--edge-l:97%}"
        "@media(prefers-color-scheme:dark){:root{--bg:#0f1216;--card:#181d23;--ink:#e8ecf0;--soft:#98a3ae;"
        "--line:#2a313a;--accent:#6ea0ff;--warn:#ff9a5c;--fill-s:38%;--fill-l:28%;--edge-l:12%}}"
        "*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 "
        "system-ui,-apple-system,"
        "'Segoe UI',Roboto,'Noto Sans',sans-serif}main{max-width:1180px;margin:0 auto;padding:32px 20px 64px}"
        "h1{font-size:26px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}h2{font-size:18px;margin:36px 0 12px}"
        "p{margin:0 0 "
        "12px}.soft{color:var(--soft)}.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,"
        "1fr));gap:12px;margin:20px 0 0;padding:0}.facts div{background:var(--card);border:1px solid var(--line);"
        "border-radius:10px;padding:10px 14px;min-width:0}.facts dt{color:var(--soft);font-size:13px}"
        ".facts dd{margin:0;font-size:20px;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}"
        ".panel{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px;overflow:auto}"
        "svg{display:block;width:100%;height:auto}.map rect,.seg{fill:hsl(var(--h) var(--fill-s) var(--fill-l))}"
        ".map{min-width:680px}.map rect{stroke:var(--card);stroke-width:2}.map "
        "text{fill:var(--ink);font-size:13px}.map "
        ".small{font-size:11px;"
        "opacity:.75}.rows{display:grid;grid-template-columns:max-content 1fr max-content;gap:5px 14px;"
        "align-items:center;font-size:13px;font-variant-numeric:tabular-nums}.rows svg{height:14px}"
        ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(330px,100%),1fr));gap:14px}"
        ".card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 16px;min-width:0}"
        ".card h3{font-size:15px;margin:0;overflow-wrap:anywhere}.type{color:var(--soft);font-size:13px;margin:0 0 8px}"
        ".bar{fill:var(--accent)}.bar:hover{fill:var(--warn)}.ends{display:flex;justify-content:space-between;gap:12px;"
        "font-size:12px;color:var(--soft);margin:3px 0 8px}.ends span{min-width:0;overflow:hidden;"
        "text-overflow:ellipsis;white-space:nowrap}.pairs{display:grid;grid-template-columns:max-content 1fr;"
        "gap:2px 12px;font-size:13px;margin:0}.pairs dt{color:var(--soft)}.pairs dd{margin:0;text-align:right;"
        "font-variant-numeric:tabular-nums;overflow-wrap:anywhere}.meter{height:5px;border-radius:3px;"
        "background:var(--line);margin:6px 0 8px;overflow:hidden}.meter i{display:block;height:100%;"
        "background:var(--warn)}.top{font-size:13px;margin:8px 0 0;padding:8px 0 0;border-top:1px solid var(--line);"
        "list-style:none}.top li{display:grid;grid-template-columns:minmax(0,1fr) "
        "max-content;gap:12px;position:relative;"
        "padding:1px 6px}.top i{position:absolute;inset:1px auto 1px 0;background:var(--accent);opacity:.16;"
        "border-radius:3px}.top span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}"
        ".tree{border-collapse:collapse;width:100%;font-size:14px}.tree td,.tree th{text-align:left;padding:3px 12px "
        "3px 0;"
        "border-bottom:1px solid var(--line);overflow-wrap:anywhere;vertical-align:top}.tree th{color:var(--soft);"
        "font-weight:500}.tree tr:last-child td{border-bottom:0}.tree .n{text-align:right;"
        "font-variant-numeric:tabular-nums;white-space:nowrap;padding-right:0;padding-left:12px}"
        "@media(max-width:520px){main{padding:20px 12px 40px}h1{font-size:21px}.facts dd{font-size:17px}}";

void html_head(const char *title, FILE *out)
{
    fprintf(out,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
            "<title>");
    html_text(title, out);
    fprintf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n", style);
}

static void put_character(ucs4_t code, FILE *out)
{
    uint8_t bytes[6] = {0};
    const size_t n = (size_t)u8_uctomb(bytes, code, sizeof bytes);
    const bool turns = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    const char *const name = code == '&'    ? "&amp;"
                             : code == '<'  ? "&lt;"
                             : code == '>'  ? "&gt;"
                             : code == '"'  ? "&quot;"
                             : code == '\'' ? "&#39;"
                                            : NULL;
    if (name != NULL)
        fputs(name, out);
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0) || turns)
        fprintf(out, "\\u%04x", (unsigned)code);
    else
        fwrite(bytes, 1, n, out);
}

void html_bytes(dzr_bytes text, FILE *out)
{
    for (size_t i = 0; i < text.len;) {
        ucs4_t code = 0;
        i += (size_t)u8_mbtouc(&code, text.at + i, text.len - i);
        put_character(code, out);
    }
}

void html_text(const char *text, FILE *out)
{
    html_bytes((dzr_bytes){(const uint8_t *)text, strlen(text)}, out);
}

/* A character's width in a label, of whatever font the browser has: rather too much than too little. */
static double pixels(ucs4_t code)
{
    const bool is_broad = (code >= 'A' && code <= 'Z') || (code < 0x80 && strchr("mw@%&", (int)code) != NULL);
    return uc_width(code, "UTF-8") == 2 ? 14 : code == 'W' || code == 'M' || code == '@' ? 14 : is_broad ? 12.5 : 8.5;
}

void html_cut(const char *text, double room, FILE *out)
{
    const double ellipsis = 13;
    const uint8_t *const at = (const uint8_t *)text;
    const size_t len = strlen(text);
    double left = room;
    size_t fitting = 0, i = 0; /* bytes after which an ellipsis still fits */
    while (i < len && left >= 0) {
        ucs4_t code = 0;
        fitting = left >= ellipsis ? i : fitting;
        i += (size_t)u8_mbtouc(&code, at + i, len - i);
        left -= pixels(code);
    }
    html_bytes((dzr_bytes){at, left >= 0 ? len : fitting}, out);
    if (left < 0)
        fputs("\xe2\x80\xa6", out);
}

const char *html_number(int64_t number, char text[32])
{
    char digits[24];
    const int n = snprintf(digits, sizeof digits, "%" PRId64, number < 0 ? -number : number);
    int to = 0;
    if (number < 0)
        text[to++] = '-';
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            text[to++] = ',';
        text[to++] = digits[i];
    }
    text[to] = '\0';
    return text;
}

const char *html_size(uint64_t n_bytes, char text[32])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double size = (double)n_bytes;
    size_t unit = 0;
    for (; size >= 1000 && unit + 1 < sizeof units / sizeof *units; unit++)
        size /= 1024;
    snprintf(text, 32,
            unit == 0    ? "%.0f %s"
            : size < 10  ? "%.2f %s"
            : size < 100 ? "%.1f %s"
                         : "%.0f %s",
            size, units[unit]);
    return text;
}

/* By the golden angle, so that neighbours differ. */
int html_hue(int32_t column)
{
    return (int)((210 + (int64_t)column * 137508 / 1000) % 360);
}
