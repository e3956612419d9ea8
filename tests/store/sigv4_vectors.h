/* tests/store/sigv4_vectors.h - requests and what Amazon says their signatures are.
 * From the AWS Signature Version 4 test suite (of its requests, those that S3's rules change nothing in: no path is
 * normalized, no header is folded), and from the S3 API Reference, "Signature calculations for the Authorization
 * header". Query and headers stand in the order of their names, and values of one name in that of the values, as the
 * signer wants them. */
#ifndef DZR_TESTS_SIGV4_VECTORS_H
#define DZR_TESTS_SIGV4_VECTORS_H

enum { MAX_PAIRS = 6 };

typedef struct vector {
    const char *name, *method;
    const char *path; /* not encoded */
    dzr__s3_pair query[MAX_PAIRS], headers[MAX_PAIRS];
    const char *body;
    const char *canonical; /* the canonical request, without the payload's hash, which ends it */
    const char *hash;      /* of the canonical request, as the string to sign ends with it; NULL: not published */
    const char *signed_headers, *signature;
} vector;

#define SUITE_HOST                                                                                                     \
    {                                                                                                                  \
        "host", "example.amazonaws.com"                                                                                \
    }
#define SUITE_DATE                                                                                                     \
    {                                                                                                                  \
        "x-amz-date", "20150830T123600Z"                                                                               \
    }
/* How the headers of most requests look in their canonical form. */
#define SUITE_PLAIN "host:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n"
#define SUITE_ALL "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define SUITE_TOKEN                                                                                                    \
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwt" \
    "hAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVX" \
    "AkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

/* AKIDEXAMPLE, region us-east-1, service "service". */
static const vector suite[] = {
        {"get-vanilla", "GET", "/", {{0}}, {SUITE_HOST, SUITE_DATE}, "", "GET\n/\n\n" SUITE_PLAIN,
                "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63", "host;x-amz-date",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"get-header-key-duplicate", "GET", "/", {{0}},
                {SUITE_HOST, {"my-header1", "value2"}, {"my-header1", "value2"}, {"my-header1", "value1"}, SUITE_DATE},
                "",
                "GET\n/\n\nhost:example.amazonaws.com\nmy-header1:value2,value2,value1\n"
                "x-amz-date:20150830T123600Z\n\nhost;my-header1;x-amz-date\n",
                "dc7f04a3abfde8d472b0ab1a418b741b7c67174dad1551b4117b15527fbe966c", "host;my-header1;x-amz-date",
                "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
        {"get-header-value-order", "GET", "/", {{0}},
                {SUITE_HOST, {"my-header1", "value4"}, {"my-header1", "value1"}, {"my-header1", "value3"},
                        {"my-header1", "value2"}, SUITE_DATE},
                "",
                "GET\n/\n\nhost:example.amazonaws.com\nmy-header1:value4,value1,value3,value2\n"
                "x-amz-date:20150830T123600Z\n\nhost;my-header1;x-amz-date\n",
                "31ce73cd3f3d9f66977ad3dd957dc47af14df92fcd8509f59b349e9137c58b86", "host;my-header1;x-amz-date",
                "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
        {"get-header-value-trim", "GET", "/", {{0}},
                {SUITE_HOST, {"my-header1", " value1"}, {"my-header2", " \"a   b   c\""}, SUITE_DATE}, "",
                "GET\n/\n\nhost:example.amazonaws.com\nmy-header1:value1\nmy-header2:\"a b c\"\n"
                "x-amz-date:20150830T123600Z\n\nhost;my-header1;my-header2;x-amz-date\n",
                "a726db9b0df21c14f559d0a978e563112acb1b9e05476f0a6a1c7d68f28605c7",
                "host;my-header1;my-header2;x-amz-date",
                "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
        {"get-unreserved", "GET", "/" SUITE_ALL, {{0}}, {SUITE_HOST, SUITE_DATE}, "",
                "GET\n/" SUITE_ALL "\n\n" SUITE_PLAIN,
                "6a968768eefaa713e2a6b16b589a8ea192661f098f37349f4e2c0082757446f9", "host;x-amz-date",
                "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
        {"get-utf8", "GET", "/\u1234", {{0}}, {SUITE_HOST, SUITE_DATE}, "", "GET\n/%E1%88%B4\n\n" SUITE_PLAIN, NULL,
                "host;x-amz-date", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
        {"get-space", "GET", "/example space/", {{0}}, {SUITE_HOST, SUITE_DATE}, "",
                "GET\n/example%20space/\n\n" SUITE_PLAIN,
                "63ee75631ed7234ae61b5f736dfc7754cdccfedbff4b5128a915706ee9390d86", "host;x-amz-date",
                "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
        {"get-vanilla-empty-query-key", "GET", "/", {{"Param1", "value1"}}, {SUITE_HOST, SUITE_DATE}, "",
                "GET\n/\nParam1=value1\n" SUITE_PLAIN,
                "1e24db194ed7d0eec2de28d7369675a243488e08526e8c1c73571282f7c517ab", "host;x-amz-date",
                "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
        {"get-vanilla-query-order-key", "GET", "/", {{"Param1", "Value1"}, {"Param1", "value2"}},
                {SUITE_HOST, SUITE_DATE}, "", "GET\n/\nParam1=Value1&Param1=value2\n" SUITE_PLAIN,
                "704b4cef673542d84cdff252633f065e8daeba5f168b77116f8b1bcaf3d38f89", "host;x-amz-date",
                "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
        {"get-vanilla-query-order-key-case", "GET", "/", {{"Param1", "value1"}, {"Param2", "value2"}},
                {SUITE_HOST, SUITE_DATE}, "", "GET\n/\nParam1=value1&Param2=value2\n" SUITE_PLAIN,
                "816cd5b414d056048ba4f7c5386d6e0533120fb1fcfa93762cf0fc39e2cf19e0", "host;x-amz-date",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
        {"get-vanilla-query-order-value", "GET", "/", {{"Param1", "value1"}, {"Param1", "value2"}},
                {SUITE_HOST, SUITE_DATE}, "", "GET\n/\nParam1=value1&Param1=value2\n" SUITE_PLAIN,
                "c968629d70850097a2d8781c9bf7edcb988b04cac14cca9be4acc3595f884606", "host;x-amz-date",
                "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
        {"get-vanilla-query-unreserved", "GET", "/", {{SUITE_ALL, SUITE_ALL}}, {SUITE_HOST, SUITE_DATE}, "",
                "GET\n/\n" SUITE_ALL "=" SUITE_ALL "\n" SUITE_PLAIN,
                "c30d4703d9f799439be92736156d47ccfb2d879ddf56f5befa6d1d6aab979177", "host;x-amz-date",
                "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
        {"get-vanilla-utf8-query", "GET", "/", {{"\u1234", "bar"}}, {SUITE_HOST, SUITE_DATE}, "",
                "GET\n/\n%E1%88%B4=bar\n" SUITE_PLAIN,
                "eb30c5bed55734080471a834cc727ae56beb50e5f39d1bff6d0d38cb192a7073", "host;x-amz-date",
                "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
        {"post-vanilla", "POST", "/", {{0}}, {SUITE_HOST, SUITE_DATE}, "", "POST\n/\n\n" SUITE_PLAIN,
                "553f88c9e4d10fc9e109e2aeb65f030801b70c2f6468faca261d401ae622fc87", "host;x-amz-date",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
        {"post-vanilla-query", "POST", "/", {{"Param1", "value1"}}, {SUITE_HOST, SUITE_DATE}, "",
                "POST\n/\nParam1=value1\n" SUITE_PLAIN,
                "9d659678c1756bb3113e2ce898845a0a79dbbc57b740555917687f1b3340fbbd", "host;x-amz-date",
                "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
        {"post-header-key-sort", "POST", "/", {{0}}, {SUITE_HOST, {"my-header1", "value1"}, SUITE_DATE}, "",
                "POST\n/\n\nhost:example.amazonaws.com\nmy-header1:value1\nx-amz-date:20150830T123600Z\n\n"
                "host;my-header1;x-amz-date\n",
                "9368318c2967cf6de74404b30c65a91e8f6253e0a8659d6d5319f1a812f87d65", "host;my-header1;x-amz-date",
                "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
        {"post-header-value-case", "POST", "/", {{0}}, {SUITE_HOST, {"my-header1", "VALUE1"}, SUITE_DATE}, "",
                "POST\n/\n\nhost:example.amazonaws.com\nmy-header1:VALUE1\nx-amz-date:20150830T123600Z\n\n"
                "host;my-header1;x-amz-date\n",
                "d51ced243e649e3de6ef63afbbdcbca03131a21a7103a1583706a64618606a93", "host;my-header1;x-amz-date",
                "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
        {"post-x-www-form-urlencoded", "POST", "/", {{0}},
                {{"content-type", "application/x-www-form-urlencoded"}, SUITE_HOST, SUITE_DATE}, "Param1=value1",
                "POST\n/\n\ncontent-type:application/x-www-form-urlencoded\nhost:example.amazonaws.com\n"
                "x-amz-date:20150830T123600Z\n\ncontent-type;host;x-amz-date\n",
                NULL, "content-type;host;x-amz-date",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
        {"post-sts-header-before", "POST", "/", {{0}}, {SUITE_HOST, SUITE_DATE, {"x-amz-security-token", SUITE_TOKEN}},
                "",
                "POST\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n"
                "x-amz-security-token:" SUITE_TOKEN "\n\nhost;x-amz-date;x-amz-security-token\n",
                "c237e1b440d4c63c32ca95b5b99481081cb7b13c7e40434868e71567c1a882f6",
                "host;x-amz-date;x-amz-security-token",
                "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
};

#define S3_HOST                                                                                                        \
    {                                                                                                                  \
        "host", "examplebucket.s3.amazonaws.com"                                                                       \
    }
#define S3_DATE                                                                                                        \
    {                                                                                                                  \
        "x-amz-date", "20130524T000000Z"                                                                               \
    }
#define OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define OF_WELCOME "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
#define S3_PLAIN                                                                                                       \
    "host:examplebucket.s3.amazonaws.com\nx-amz-content-sha256:" OF_NOTHING "\nx-amz-date:20130524T000000Z\n\n"        \
    "host;x-amz-content-sha256;x-amz-date\n"

/* AKIAIOSFODNN7EXAMPLE, region us-east-1, service s3. */
static const vector s3[] = {
        {"GET object", "GET", "/test.txt", {{0}},
                {S3_HOST, {"range", "bytes=0-9"}, {"x-amz-content-sha256", OF_NOTHING}, S3_DATE}, "",
                "GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\n"
                "x-amz-content-sha256:" OF_NOTHING "\nx-amz-date:20130524T000000Z\n\n"
                "host;range;x-amz-content-sha256;x-amz-date\n",
                "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972",
                "host;range;x-amz-content-sha256;x-amz-date",
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
        {"PUT object", "PUT", "/test$file.text", {{0}},
                {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, S3_HOST, {"x-amz-content-sha256", OF_WELCOME}, S3_DATE,
                        {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                "Welcome to Amazon S3.",
                "PUT\n/test%24file.text\n\ndate:Fri, 24 May 2013 00:00:00 GMT\nhost:examplebucket.s3.amazonaws.com\n"
                "x-amz-content-sha256:" OF_WELCOME "\nx-amz-date:20130524T000000Z\n"
                "x-amz-storage-class:REDUCED_REDUNDANCY\n\n"
                "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class\n",
                "9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d",
                "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
        {"GET bucket lifecycle", "GET", "/", {{"lifecycle", ""}},
                {S3_HOST, {"x-amz-content-sha256", OF_NOTHING}, S3_DATE}, "", "GET\n/\nlifecycle=\n" S3_PLAIN,
                "9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca",
                "host;x-amz-content-sha256;x-amz-date",
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
        {"list objects", "GET", "/", {{"max-keys", "2"}, {"prefix", "J"}},
                {S3_HOST, {"x-amz-content-sha256", OF_NOTHING}, S3_DATE}, "", "GET\n/\nmax-keys=2&prefix=J\n" S3_PLAIN,
                "df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7",
                "host;x-amz-content-sha256;x-amz-date",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
};

#endif
