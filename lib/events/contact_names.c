/* One list of words a field: all languages together, for a header does not say its own. */
#include "events/contact_names.h"

/* ---- folding */

/* U+00C0 to U+017F without their accents, two bytes each; a blank is nothing. */
static const char latin[] =
    "a a a a a a aec e e e e i i i i d n o o o o o * o u u u u y thss"
    "a a a a a a aec e e e e i i i i d n o o o o o * o u u u u y thy "
    "a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g "
    "g g g g h h h h i i i i i i i i i i ijijj j k k k l l l l l l l "
    "l l l n n n n n n n n n o o o o o o oeoer r r r r r s s s s s s "
    "s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s ";

enum { LATIN_FIRST = 0xC0, LATIN_END = 0x180 };

_Static_assert(sizeof latin - 1 == 2 * (LATIN_END - LATIN_FIRST), "two bytes a letter");

/* The character at s.p, s.n > 0, and its bytes. What is no UTF-8 is Latin-1. */
static unsigned character(struct rt_span s, size_t *bytes)
{
    unsigned char a = (unsigned char)s.p[0];
    unsigned char b = s.n > 1 ? (unsigned char)s.p[1] : 0;
    unsigned char c = s.n > 2 ? (unsigned char)s.p[2] : 0;

    *bytes = 1;
    if (a >= 0xC2 && a < 0xE0 && (b & 0xC0) == 0x80) {
        *bytes = 2;
        return (a & 0x1Fu) << 6 | (b & 0x3Fu);
    }
    if (a >= 0xE0 && a < 0xF0 && (b & 0xC0) == 0x80 && (c & 0xC0) == 0x80) {
        *bytes = 3;
        return (a & 0x0Fu) << 12 | (b & 0x3Fu) << 6 | (c & 0x3Fu);
    }
    return a;
}

/* What a character leaves in the folded form: up to three bytes, as a span into the text
 * itself, the table, or one. */
static struct rt_span folded_character(unsigned u, struct rt_span text, char *one)
{
    if (u < 0x80) {
        *one = rt_ascii_lower((char)u);
        return (struct rt_span) { one,
            (*one >= 'a' && *one <= 'z') || (*one >= '0' && *one <= '9') };
    }
    if (u >= LATIN_FIRST && u < LATIN_END) {
        const char *letters = latin + 2 * (u - LATIN_FIRST);

        return (struct rt_span) { letters,
            letters[0] == '*'       ? 0
                : letters[1] == ' ' ? 1
                                    : 2 };
    }
    /* combining accents, Latin-1 signs, general punctuation, byte order mark */
    if (u < LATIN_FIRST || (u >= 0x300 && u < 0x370) || (u >= 0x2000 && u < 0x2070)
        || u == 0xFEFF)
        return (struct rt_span) { text.p, 0 };
    return text;
}

size_t rt_contact_fold(struct rt_span header, char *out)
{
    size_t n = 0, bytes;

    for (size_t i = 0; i < header.n; i += bytes) {
        unsigned u = character((struct rt_span) { header.p + i, header.n - i }, &bytes);
        char one;
        struct rt_span left =
            folded_character(u, (struct rt_span) { header.p + i, bytes }, &one);

        if (left.n > RT_FOLDED_MAX - n)
            return 0;
        if (left.n)
            memcpy(out + n, left.p, left.n);
        n += left.n;
    }
    return n;
}

/* ---- the words: folded, a blank behind each */

static const struct field {
    const char *field;
    bool numbered; /* digits do not count: "phone1", "E-mail 2 Address" */
    bool paired;   /* see the header */
    const char *words;
} fields[] = {
    { "email", true, false,
        "email emails emailaddress emailaddresses emailaddr mail mailaddress emailid "
        "useremail customeremail contactemail primaryemail workemail homeemail "
        "personalemail businessemail privateemail emailprimary emailwork emailhome "
        "emailvalue emailaddressvalue billingemail subscriberemail loginemail "
        "emailhash emailhashed emailshashed emailsunhashed hashedemail hashedemails "
        "emailsha sha emailmd "
        "emailadresse mailadresse emailadressen epost epostadresse emailprivat "
        "emailgeschaftlich emailgeschaeftlich kundenemail "
        "courriel adresseemail adressemail adresseelectronique adressecourriel mel "
        "adressedemessagerie "
        "correo correoelectronico direcciondecorreo direcciondecorreoelectronico "
        "direccionemail direcciondeemail correoe "
        "indirizzoemail indirizzomail postaelettronica indirizzodipostaelettronica "
        "indirizzopostaelettronica "
        "enderecodeemail enderecoemail correioeletronico correioelectronico "
        "emailadres mailadres epostadres " },
    { "phone", true, false,
        "phone phones phonenumber phonenumbers phoneno phonenum telephone telephoneno "
        "telephonenumber tel telno telnumber mobile mobilenumber mobileno mobilephone "
        "mobilephonenumber cell cellphone cellnumber cellphonenumber homephone "
        "workphone businessphone primaryphone otherphone phonemobile phonehome phonework "
        "phonevalue phonenumbervalue contactnumber contactphone customerphone "
        "billingphone defaultaddressphone whatsapp whatsappnumber msisdn smsnumber sms "
        "phonehash "
        "phonehashed hashedphone phonesha phonenumbersha hashedphonenumber "
        "telefon telefonnummer telefonnr telnr rufnummer handy handynummer handynr "
        "mobil mobilnummer mobilnr mobiltelefon mobiltelefonnummer mobilfunk "
        "mobilfunknummer telefonmobil telefonprivat telefongeschaftlich "
        "telefongeschaeftlich festnetz festnetznummer telefonfestnetz "
        "telephonemobile telephoneportable telephonefixe numerodetelephone "
        "numerotelephone numtel numtelephone notelephone ntelephone ndetelephone "
        "portable numeroportable "
        "numerodeportable telmobile telportable telfixe "
        "telefono telefonomovil movil celular numerodetelefono numerotelefono "
        "numerodemovil telefonofijo telefonocelular numtelefono tlf tfno "
        "cellulare telefonocellulare numeroditelefono numerocellulare "
        "numerodicellulare telefonofisso telefonomobile recapitotelefonico "
        "telefone telemovel numerodetelefone numerotelefone numerodetelemovel "
        "numerodecelular numerocelular telefonecelular telefonemovel telefonefixo "
        "telefoon telefoonnummer telefoonnr mobiel mobielnummer mobielenummer "
        "mobieletelefoon mobieltelefoonnummer gsm gsmnummer gsmnr vastetelefoon " },
    { "first_name", false, false,
        "firstname fname fn givenname forename first christianname namefirst "
        "customerfirstname contactfirstname billingfirstname "
        "vorname vornamen rufname prenom prenoms primernombre nombredepila primeironome "
        "nomeproprio voornaam voornamen roepnaam " },
    { "first_name", false, true, "nombre nombres nome " },
    { "last_name", false, false,
        "lastname lname ln surname familyname last namelast customerlastname "
        "contactlastname billinglastname "
        "nachname familienname zuname nomdefamille patronyme apellido apellidos "
        "primerapellido cognome apelido apelidos sobrenome ultimonome achternaam "
        "familienaam " },
    { "last_name", false, true, "name nom naam " },
    { "street", false, false,
        "street streetaddress address address1 addressline addressline1 street1 "
        "billingstreet mailingstreet billingaddress1 homeaddress "
        "defaultaddressaddress1 "
        "strasse strassehausnummer strasseundhausnummer strassehausnr strassenr "
        "strasseundnr anschrift adresse adresse1 adressepostale adresseligne1 rue voie "
        "direccion direccion1 direccionpostal calle domicilio indirizzo indirizzo1 via "
        "endereco morada rua logradouro straat straatnaam adres straathuisnummer "
        "straatenhuisnummer " },
    { "city", false, false,
        "city town locality citytown ct suburb municipality billingcity mailingcity "
        "defaultaddresscity "
        "stadt ort wohnort ortschaft gemeinde ville commune localite ciudad localidad "
        "municipio poblacion citta comune localita cidade localidade concelho stad "
        "plaats woonplaats gemeente " },
    { "region", false, false,
        "region state province county st stateprovince stateregion stateorprovince "
        "provincestate regionstate administrativearea regioncode statecode provincecode "
        "billingstate mailingstate billingprovince billingstateprovince "
        "mailingstateprovince defaultaddressprovincecode "
        "bundesland kanton departement etat canton provincia estado comunidadautonoma "
        "departamento regione prov distrito uf regiao provincie " },
    { "postcode", false, false,
        "postcode postalcode zip zipcode zippostalcode zippostcode postal pincode "
        "eircode postalzip postalzipcode billingzip billingpostalcode mailingzip "
        "mailingpostalcode billingpostcode billingzippostalcode mailingzippostalcode "
        "defaultaddresszip zipcode4 "
        "plz postleitzahl codepostal cp codigopostal codpostal cap codicepostale "
        "codiceavviamentopostale cep postkode " },
    { "country", false, false,
        "country countrycode countryname nation countryregion countryiso countryiso2 "
        "isocountry isocountrycode billingcountry mailingcountry "
        "defaultaddresscountrycode "
        "land landerkennung landerkennzeichen landercode laendercode landerkurzel pays "
        "codepays paysderesidence pais codigopais codigodepais paisderesidencia paese "
        "nazione codicepaese codigodopais landcode landnaam " },
    { "birth_date", false, false,
        "birthdate dateofbirth dob birthday bdate birthdaydate "
        "geburtsdatum geburtstag gebdatum gebdat datedenaissance datenaissance "
        "fechadenacimiento fechanacimiento fechanac cumpleanos datadinascita "
        "datanascita compleanno datadenascimento datanascimento aniversario "
        "geboortedatum verjaardag " },
    { "gender", false, false,
        "gender sex gen geschlecht sexe genre sexo genero sesso genere geslacht " },
    { "mobile_id", false, false,
        "mobileid madid maid idfa gaid aaid adid rdid advertisingid mobileadid "
        "mobileadvertisingid mobiledeviceid deviceid googleaid googleadvertisingid "
        "appleidfa deviceadvertisingid mobileadidsunhashed werbeid " },
    { "user_id", false, false,
        "userid customerid customernumber customerno crmid externalid externid memberid "
        "kundennummer kundennr kundenid numeroclient numclient idclient idcliente "
        "numerodecliente codigocliente codicecliente numerocliente codigodocliente "
        "klantnummer klantid klantnr " },
    { "client_id", false, false,
        "clientid visitorid cookieid anonymousid userpseudoid " },
    { "job_title", false, false,
        "jobtitle title position occupation role jobrole beruf funktion "
        "stellenbezeichnung berufsbezeichnung poste fonction intituleduposte cargo "
        "puesto ruolo posizione mansione funcao functie functietitel " },
    { "company", false, false,
        "company companyname employer employeecompany organization organisation "
        "organizationname organisationname account accountname firma firmenname "
        "unternehmen unternehmensname entreprise societe nomdelentreprise raisonsociale "
        "empresa compania nombredelaempresa azienda nomeazienda societa ragionesociale "
        "nomedaempresa companhia bedrijf bedrijfsnaam organisatie " },
    { "website", false, false,
        "website web companywebsite webseite internetseite siteweb siteinternet sitioweb "
        "paginaweb sitoweb sito site " },
    { "value", false, false,
        "value ltv lifetimevalue customervalue customerlifetimevalue clv kundenwert "
        "umsatz chiffredaffaires ca valorcliente valorecliente valordocliente "
        "klantwaarde totalspent totalspend " },
};

static bool has_word(const char *words, struct rt_span word)
{
    while (*words) {
        size_t n = (size_t)(strchr(words, ' ') - words);

        if (n == word.n && memcmp(words, word.p, n) == 0)
            return true;
        words += n + 1;
    }
    return false;
}

/* Without its digits; out has room for as many bytes. */
static struct rt_span without_digits(struct rt_span word, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < word.n; i++)
        if (word.p[i] < '0' || word.p[i] > '9')
            out[n++] = word.p[i];
    return (struct rt_span) { out, n };
}

const char *rt_contact_name(struct rt_span header, bool *paired)
{
    char folded[RT_FOLDED_MAX], bare[RT_FOLDED_MAX];
    struct rt_span word = { folded, rt_contact_fold(header, folded) }, letters;

    *paired = false;
    if (word.n == 0)
        return NULL;
    letters = without_digits(word, bare);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (has_word(fields[i].words, word)
            || (fields[i].numbered && letters.n && has_word(fields[i].words, letters))) {
            *paired = fields[i].paired;
            return fields[i].field;
        }
    return NULL;
}

bool rt_contact_is_value(struct rt_span text)
{
    enum { DIGITS_MAX = 4 }; /* "emailsha256", "zipcode4", "purchases2025" */
    size_t digits = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '@')
            return true;
        digits += text.p[i] >= '0' && text.p[i] <= '9';
    }
    return digits > DIGITS_MAX;
}
